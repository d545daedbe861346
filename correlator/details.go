package correlator

// What OCSF has no words for goes out under unmapped.overstay: see docs/alerts.md.

func (e Evidence) data() object {
	return object{"event": e.ID, "what": e.What, "seq": e.Seq, "at": e.At.String()}
}

func evidenceList(list []Evidence) []object {
	out := []object{} // never null
	for _, e := range list {
		out = append(out, e.data())
	}
	return out
}

func (v *ApprovalView) data() object {
	o := object{"id": v.ID, "source": v.Source, "requester": string(v.Requester), "begin": v.Begin.String(), "end": v.End.String(), "facts": evidenceList(v.Evidence)}
	if v.DecidedBy != "" {
		o["decidedBy"] = string(v.DecidedBy)
	}
	if v.Ticket != "" {
		o["ticket"] = v.Ticket
	}
	scopes := []string{}
	for _, sc := range v.Scopes {
		scopes = append(scopes, sc.String())
	}
	o["scopes"] = scopes
	return o
}

// data is a facet as the body carries it; what is not known is left out.
func (f FacetView) data() object {
	o := object{"source": f.Source, "from": f.From.String(), "to": f.To.String(), "due": f.Due.String(), "fired": f.Fired.String()}
	put := func(k, v string) {
		if v != "" && v != "unknown" {
			o[k] = v
		}
	}
	put("kind", string(f.Kind))
	put("id", f.ID)
	put("subject", string(f.Subject))
	put("credential", string(f.Credential))
	put("closed", string(f.Closed))
	put("note", f.Note)
	put("lastCoveredBy", f.UntilID)
	if !f.Scope.IsZero() {
		o["scope"] = f.Scope
	}
	if len(f.Person) > 1 {
		o["person"] = f.Person
	}
	if f.Kind != "" {
		put("start", f.Start.String())
		put("lastAlive", f.LastAlive.String())
		put("lastUse", f.LastUse.String())
		put("expiry", f.Expiry.String())
		put("expiryKind", string(f.ExpiryKind))
		put("claimedEnd", f.Claimed.String())
		if f.End != Forever {
			o["end"], o["basis"] = f.End.String(), string(f.Basis)
			put("lastKnownAlive", f.EndLo.String())
			put("cause", string(f.Cause))
		}
		o["facts"] = evidenceList(f.Evidence)
	}
	if len(f.Behind) > 0 {
		o["behind"] = f.Behind
	}
	if f.Unattested {
		o["unattested"] = true
	}
	return o
}

// details is our own part of the finding.
func (a *Alert) details() object {
	o := object{
		"rule": string(a.Rule.ID), "state": string(a.State), "revision": a.Revision, "provisional": a.Provisional,
		"due": a.Due.String(), "fired": a.Told.String(), "openFacets": a.Open, "facets": a.Total,
		"policy": a.Policy, "semantics": SemanticsID, "origin": a.Origin, "cause": a.Cause.data(),
	}
	if a.Closing != "" {
		o["closing"] = string(a.Closing)
	}
	if a.Approval != nil {
		o["approval"] = a.Approval.ID
		o["windowEnd"] = a.Approval.End.String()
	}
	if a.Source != "" {
		o["source"] = a.Source
	}
	if a.Account != "" {
		o["account"] = string(a.Account)
	}
	if a.full != nil {
		o["truncated"] = true
	}
	if a.Recomputed {
		o["recomputed"] = true
	}
	if len(a.Marks) > 0 {
		o["marks"] = marksData(a.Marks)
	}
	return o
}
