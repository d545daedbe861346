package correlator

// Rule is one entry of docs/rules: what it is called and how it judges. To add
// one, write rule_<name>.go and list it here.
type Rule struct {
	ID       RuleID
	Name     string
	Title    string
	Default  bool // on without a policy
	Severity Severity
	Attacks  []Attack
	Controls []string

	// Retracts: it rests on an absence. When its finding vanishes it was never so;
	// the others report what was said, and resolve.
	Retracts bool

	// access judges one access, approval one approval, account one account, source
	// one source; a rule has one of them, or more where the same thing shows in
	// several places.
	access   func(*Case) []Finding
	approval func(*ApprovalCase) []Finding
	account  func(*AccountCase) []Finding
	source   func(*SourceCase) []Finding
	// says puts its finding into words, remedy what to do about it; nil where the
	// words of an overrun fit.
	says   func(a *Alert, f FacetView, past bool) string
	remedy func(a *Alert, f FacetView) string
}

// Attack names an ATT&CK technique.
type Attack struct{ Tactic, TacticName, Technique, Name, Sub, SubName string }

// AttackVersion is the ATT&CK release that the ids are of.
const AttackVersion = "19.1"

// graded fills in what the rule itself says of its findings. Use of an access that
// should not be is worse than having it, whichever rule says so; a forecast is of
// what may still be used.
func (r *Rule) graded(out []Finding) []Finding {
	for i := range out {
		f := &out[i]
		f.Rule = r.ID
		if f.Severity == 0 {
			f.Severity = r.Severity
		}
		if f.Used && !f.Weak && !f.Forecast {
			f.Severity = min(f.Severity+1, Critical)
		}
	}
	return out
}

// Rules lists the rules that this version has, by id.
func Rules() []Rule {
	return []Rule{
		ruleOutlived,
		ruleUsedAfterEnd,
		ruleWillOutlive,
		ruleUnrevocableTail,
		ruleUnapproved,
		ruleUnused,
		ruleRevocationIneffective,
		ruleRevocationFailed,
		ruleClosureSkew,
		ruleExceedsApproval,
		ruleStandingPath,
		ruleOffboarded,
		ruleOwnerGone,
		ruleBreakGlass,
		ruleSelfApproval,
		ruleDelegationMismatch,
		ruleHumanUse,
		ruleExtended,
		ruleOverlap,
		ruleAltered,
		ruleSourceBlind,
		ruleClockSkew,
		ruleTampered,
		ruleUnresolved,
		ruleSecretNotRotated,
	}
}

// rulebook is the rules that a policy has on, by what they judge.
type rulebook struct {
	by                                *Policy
	access, approval, account, source []*Rule
}

// rulesOn are the rules that the policy has on: each judgement asks.
func (s *step) rulesOn() *rulebook {
	if s.rules.by == s.pol {
		return &s.rules
	}
	s.rules = rulebook{by: s.pol}
	all := Rules()
	for i := range all {
		r := &all[i]
		if !s.enabled(r) {
			continue
		}
		if r.access != nil {
			s.rules.access = append(s.rules.access, r)
		}
		if r.approval != nil {
			s.rules.approval = append(s.rules.approval, r)
		}
		if r.account != nil {
			s.rules.account = append(s.rules.account, r)
		}
		if r.source != nil {
			s.rules.source = append(s.rules.source, r)
		}
	}
	return &s.rules
}

func ruleByID(id RuleID) Rule {
	for _, r := range Rules() {
		if r.ID == id {
			return r
		}
	}
	return Rule{ID: id, Name: string(id), Title: string(id)}
}

// The ATT&CK techniques that the rules refer to.
var (
	cloudAccounts        = Attack{"TA0003", "Persistence", "T1078", "Valid Accounts", "T1078.004", "Cloud Accounts"}
	temporaryElevated    = Attack{"TA0004", "Privilege Escalation", "T1548", "Abuse Elevation Control Mechanism", "T1548.005", "Temporary Elevated Cloud Access"}
	additionalRoles      = Attack{"TA0003", "Persistence", "T1098", "Account Manipulation", "T1098.003", "Additional Cloud Roles"}
	additionalSecrets    = Attack{"TA0003", "Persistence", "T1098", "Account Manipulation", "T1098.001", "Additional Cloud Credentials"}
	disabledTools        = Attack{"TA0112", "Defense Impairment", "T1685", "Disable or Modify Tools", "", ""}
	applicationToken     = Attack{"TA0008", "Lateral Movement", "T1550", "Use Alternate Authentication Material", "T1550.001", "Application Access Token"}
	validAccounts        = Attack{Tactic: "TA0003", TacticName: "Persistence", Technique: "T1078", Name: "Valid Accounts"}
	unsecuredCredentials = Attack{Tactic: "TA0006", TacticName: "Credential Access", Technique: "T1552", Name: "Unsecured Credentials"}
	disabledCloudLogs    = Attack{"TA0112", "Defense Impairment", "T1685", "Disable or Modify Tools", "T1685.002", "Disable or Modify Cloud Logs"}
	accountManipulation  = Attack{"TA0003", "Persistence", "T1098", "Account Manipulation", "", ""}

	storedManipulation = Attack{"TA0040", "Impact", "T1565", "Data Manipulation", "T1565.001", "Stored Data Manipulation"}
)
