package correlator

import (
	"fmt"
	"slices"

	"github.com/overstay/overstay/events"
)

// OV-008: somebody said that an access had ended, and it lived on. What was
// believed once is not believed again: only a proven end resolves it.
var ruleRevocationIneffective = Rule{
	ID: "OV-008", Name: "revocation-ineffective", Title: "Revocation had no effect", Default: true, Severity: Critical,
	Attacks:  []Attack{cloudAccounts},
	Controls: []string{"800-53:AC-2(3)", "800-53:AU-10", "nhi:NHI1:2025", "soc2:CC6.2"},
	Retracts: true,
	says: func(a *Alert, f FacetView, past bool) string {
		return fmt.Sprintf("%s %s %s although its end was claimed at %s: it was %s", a.who(f), f.held(past), a.things(f), f.From, f.Note)
	},
	remedy: func(a *Alert, f FacetView) string {
		return "End " + f.what() + " at its target by hand, then try there that it is refused: another claim does not resolve this."
	},
	access: func(c *Case) []Finding {
		var out []Finding
		for _, st := range c.Stretches {
			if f, ok := ineffective(c, st); ok {
				out = append(out, f)
			}
		}
		return out
	},
}

// ineffective finds the first claim that a sign of life denies. Revoking takes its
// time, many systems do it in the background, so life within the grace denies
// nothing; nor does what the clocks' uncertainty may put before the claim.
func ineffective(c *Case, st Stretch) (Finding, bool) {
	for _, claim := range st.Claims {
		limit := claim.T.Add(c.Grace + claim.Unc)
		i := slices.IndexFunc(st.Signs, func(s sign) bool { return !s.Issued && s.T.Add(-s.Unc) > limit && s.T < claim.Until })
		if i < 0 {
			continue
		}
		life := st.Signs[i]
		f := Finding{PerAccess: true, From: claim.T, To: Forever, Due: life.T, Note: life.word() + " at " + life.T.String()}
		f.closeProven(c, st)
		return f, true
	}
	return Finding{}, false
}

// word says how life showed itself.
func (s sign) word() string {
	switch s.Kind {
	case actUse:
		return "used"
	case actRenew:
		return "renewed"
	}
	return "seen alive"
}

// closeProven closes a finding by an end that does not rest on a claim alone.
func (f *Finding) closeProven(c *Case, st Stretch) {
	switch {
	case st.Open():
	case basisRank[st.Basis] >= basisRank[Scheduled]:
		f.To, f.Closed, f.Basis = st.End, ClosedEnded, st.Basis
	case st.runsOut() && st.Expiry <= c.Now:
		f.To, f.Closed, f.Basis = st.Expiry, ClosedEnded, Scheduled
	case st.runsOut():
		f.Claimed, f.Again = st.Claim, st.Expiry
	default:
		f.Claimed = st.Claim
	}
}

// runsOut reports whether the access ends by itself at its expiry, whatever was
// claimed before that.
func (e *Episode) runsOut() bool {
	return e.ExpiryKind == events.ExpiryExact && e.LastAlive <= e.Expiry && e.FailedLast < e.Expiry
}
