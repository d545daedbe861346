package correlator

import "github.com/overstay/overstay/events"

// The compact forms: what stands in a record, in which order. A field that is added to
// a record is added here, and StateVersion goes up.

func (x *access) code(c *coder) {
	text(&x.Key, c)
	x.Said.code(c)
	text(&x.Subject, c)
	list(&x.Aliases, c, text[events.ID])
	scopeForm(&x.Scope, c)
	text(&x.Credential, c)
	x.CredentialBy.code(c)
	maybe(&x.Revocable, c, flag)
	x.RevocableBy.code(c)
	list(&x.Parents, c, (*parentRef).code)
	list(&x.Refs, c, (*approvalRef).code)
	list(&x.Acts, c, (*act).code)
	x.verdict.form(c)
	number(&x.Floor, c)
	number(&x.FloorUnc, c)
	number(&x.Shortened, c)
	list(&x.Granted, c, text[approvalKey])
	list(&x.GrantedOpen, c, text[approvalKey])
	list(&x.Paths, c, text[approvalKey])
	list(&x.Secrets, c, text[string])
	text(&x.Unresolved, c)
	text(&x.Shape, c)
	flag(&x.OpenNow, c)
	text(&x.Judged, c)
	list(&x.Indexed, c, text[events.ID])
	list(&x.Bears, c, text[approvalKey])
	number(&x.News, c)
	number(&x.Expire, c)
	number(&x.Past, c)
	number(&x.Left, c)
}

func (s *stamp) code(c *coder) {
	number(&s.Rank, c)
	number(&s.T, c)
	text(&s.ID, c)
}

func scopeForm(s *events.Scope, c *coder) {
	text(&s.System, c)
	text(&s.Resource, c)
	text(&s.Role, c)
	text(&s.Level, c)
}

func (p *parentRef) code(c *coder) {
	text(&p.Key, c)
	text(&p.Edge, c)
}

func (r *approvalRef) code(c *coder) {
	text(&r.ID, c)
	text(&r.Source, c)
	text(&r.By, c)
}

func (a *act) code(c *coder) {
	number(&a.T, c)
	text(&a.Kind, c)
	text(&a.ID, c)
	natural(&a.Seq, c)
	number(&a.Lo, c)
	number(&a.Unc, c)
	number(&a.Exp, c)
	text(&a.ExpKind, c)
	text(&a.Basis, c)
	text(&a.Cause, c)
	flag(&a.Pending, c)
	flag(&a.Interactive, c)
	flag(&a.Rotation, c)
	text(&a.Of, c)
	flag(&a.Issue, c)
	text(&a.Note, c)
	number(&a.Before, c)
	text(&a.Under, c)
	text(&a.Prober, c)
}

// form is that of a verdict as a part of the record that it is in. It is no record:
// those that keep one and are not compact must not become so by it.
func (v *verdict) form(c *coder) {
	number(&v.Wake, c)
	list(&v.Waits, c, (*wait).code)
	list(&v.Facets, c, (*facet).code)
	table(&v.Pending, c, number[Time])
	table(&v.Passed, c, flag)
	table(&v.Released, c, number[int])
	natural(&v.PolicyNo, c)
	flag(&v.Undecided, c)
}

func (w *wait) code(c *coder) {
	text(&w.Source, c)
	number(&w.Due, c)
}

func (f *facet) code(c *coder) {
	text(&f.Alert, c)
	number(&f.Ord, c)
	number(&f.From, c)
	number(&f.To, c)
	number(&f.Due, c)
	number(&f.Fired, c)
	number(&f.Severity, c)
	flag(&f.Provisional, c)
	flag(&f.Weak, c)
	flag(&f.Unattested, c)
	list(&f.Behind, c, text[string])
	text(&f.Closed, c)
	text(&f.Basis, c)
	number(&f.Claimed, c)
	flag(&f.Used, c)
	number(&f.Expiry, c)
	text(&f.Note, c)
	text(&f.Until, c)
}

func (a *approval) code(c *coder) {
	text(&a.Key, c)
	list(&a.Acts, c, (*approvalAct).code)
	a.verdict.form(c)
	list(&a.Indexed, c, text[events.ID])
	flag(&a.Active, c)
	number(&a.Granted, c)
	number(&a.Open, c)
	flag(&a.Spent, c)
	list(&a.Unused, c, text[string])
	number(&a.UnusedUntil, c)
	number(&a.SealReady, c)
	natural(&a.SealRev, c)
	text(&a.SealSum, c)
	text(&a.SealTakenOver, c)
	maybe(&a.Sum, c, (*grantedSum).form)
	natural(&a.Summing, c)
	flag(&a.Outdated, c)
	list(&a.Closures, c, (*closure).code)
	number(&a.ClosedAt, c)
	maybe(&a.Gone, c, (*grantedSum).form)
	number(&a.News, c)
	number(&a.Expire, c)
	number(&a.Past, c)
	number(&a.Left, c)
}

func (a *approvalAct) code(c *coder) {
	number(&a.T, c)
	text(&a.ID, c)
	natural(&a.Seq, c)
	text(&a.What, c)
	text(&a.Requester, c)
	list(&a.Consumers, c, text[events.ID])
	list(&a.Scopes, c, scopeForm)
	number(&a.Start, c)
	number(&a.End, c)
	text(&a.EndKind, c)
	text(&a.Basis, c)
	number(&a.Duration, c)
	number(&a.DecidedAt, c)
	text(&a.DecidedBy, c)
	list(&a.Approvers, c, text[events.ID])
	text(&a.Actor, c)
	text(&a.Kind, c)
	number(&a.Review, c)
	text(&a.Ticket, c)
	text(&a.Reason, c)
	number(&a.Unc, c)
}

func (k *closure) code(c *coder) {
	text(&k.Of, c)
	number(&k.End, c)
	flag(&k.InTime, c)
}

// form is that of a sum as a part of an approval's record.
func (g *grantedSum) form(c *coder) {
	table(&g.Kinds, c, (*kindSum).code)
	number(&g.LastEnd, c)
	number(&g.LastClaim, c)
	list(&g.Sources, c, text[string])
}

func (k *kindSum) code(c *coder) {
	number(&k.Count, c)
	number(&k.End, c)
	number(&k.EndLo, c)
	text(&k.EndID, c)
	natural(&k.EndSeq, c)
	text(&k.Basis, c)
	text(&k.Cause, c)
}

func (l *ledger) code(c *coder) {
	text(&l.Key, c)
	text(&l.ID, c)
	text(&l.State, c)
	natural(&l.Rev, c)
	number(&l.RaisedAt, c)
	number(&l.Open, c)
	number(&l.Closed, c)
	number(&l.Owners, c)
	number(&l.Claimed, c)
	for i := range l.Firm {
		number(&l.Firm[i], c)
	}
	for i := range l.Loose {
		number(&l.Loose[i], c)
	}
	table(&l.Closings, c, number[int])
	number(&l.Withdrawn, c)
	number(&l.Severity, c)
	flag(&l.Provisional, c)
	number(&l.Announced, c)
	flag(&l.Marked, c)
	text(&l.LastClosing, c)
	natural(&l.Lifted, c)
	number(&l.Bears, c)
	natural(&l.LastMark, c)
	text(&l.TakenOver, c)
	natural(&l.ToldEpoch, c)
	natural(&l.ToldSeq, c)
	text(&l.What, c)
	number(&l.Told, c)
}
