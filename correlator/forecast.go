package correlator

// forecast finds the latest statement of a life that goes beyond the end which the
// granting window had when it was made. life is how long a statement lets the access
// live, and whether it says. What is still so when the window has ended, at Again,
// is for the rule to close.
func forecast(c *Case, st Stretch, life func(expiryAct) (Time, bool)) (Finding, bool) {
	for i := len(st.Expiries) - 1; i >= 0; i-- {
		e := st.Expiries[i]
		until, says := life(e)
		w, covered := coverAsDecided(st.Covers, e.T)
		if !says || w == nil || e.T >= covered || until <= covered.Add(c.Grace+st.Unc) {
			continue
		}
		f := Finding{Approval: w.Approval, From: covered, To: Forever, Due: e.T, Forecast: true}
		if until != Forever {
			f.Expiry = until
		}
		_, now := coverAsDecided(st.Covers, Forever)
		end := now.Add(c.Grace + st.Unc)
		latest, says := life(st.Expiries[len(st.Expiries)-1])
		switch {
		case !st.Open() && st.End <= end:
			f.To = st.End
			f.close(c, st, Gap{Interval: Interval{covered, st.End}})
		case says && latest <= end:
			f.Closed, f.To = ClosedRecovered, max(e.T, covered)
			if now <= covered {
				f.Closed = ClosedShortened
			}
		default:
			f.Again = end
		}
		return f, true
	}
	return Finding{}, false
}

// coverAsDecided is until when windows cover without a break, from a granting one
// on, and that granting window: as was decided by a time, before a revocation or
// an extension that came later.
func coverAsDecided(covers []cover, by Time) (*cover, Time) {
	var w *cover
	var end Time           // of w
	var few [2][8]Interval // an access has few windows
	known := few[0][:0]
	for i := range covers {
		c := &covers[i]
		if c.Decided > by || !c.Full {
			continue
		}
		to := c.toAsOf(by)
		known = append(known, Interval{c.Nominal, to})
		if c.Grants && (w == nil || to > end) {
			w, end = c, to
		}
	}
	if w == nil {
		return nil, 0
	}
	for _, u := range union(few[1][:0], known) {
		if u.From <= w.Nominal && end <= u.To {
			return w, u.To
		}
	}
	return w, end
}
