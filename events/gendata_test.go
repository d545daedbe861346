package events_test

import (
	"pgregory.net/rapid"

	"github.com/overstay/overstay/events"
)

// genData makes a valid payload for a type. Each of the fill functions knows
// some of the structs and leaves the others alone.
func genData(t *rapid.T, typ events.Type) events.Data {
	d := events.NewData(typ)
	*d.Common() = genMeta.Draw(t, "meta")
	fillApproval(t, d)
	fillHeld(t, d, typ)
	fillDirectory(t, d)
	fillUse(t, d)
	fillSource(t, d)
	fillSnapshot(t, d)
	fillInner(t, d)
	return d
}

func fillApproval(t *rapid.T, d events.Data) {
	a, ok := d.(*events.Approval)
	if !ok {
		return
	}
	a.ApprovalID = genText.Draw(t, "id")
	a.Requester = genMaybeID.Draw(t, "requester")
	a.Consumers = genIDs.Draw(t, "consumers")
	a.Approvers = listOf(rapid.Custom(func(t *rapid.T) events.Vote {
		return events.Vote{By: genID.Draw(t, "by"), At: genMaybeTime.Draw(t, "at"),
			Decision: word("approved", "denied").Draw(t, "decision")}
	}), 2).Draw(t, "approvers")
	a.Scopes = listOf(genScope, 2).Draw(t, "scopes")
	window := genWindow.Draw(t, "window")
	a.Window = &window
	a.DecidedAt = genMaybeTime.Draw(t, "decidedAt")
	a.DecidedBy = genMaybeID.Draw(t, "decidedBy")
	a.Kind = word(events.Standard, events.BreakGlass, events.Standing).Draw(t, "kind")
	a.NextReview = genMaybeTime.Draw(t, "review")
	a.Ticket = genMaybeText.Draw(t, "ticket")
	a.Reason = genMaybeText.Draw(t, "reason")
}

func fillHeld(t *rapid.T, d events.Data, typ events.Type) {
	switch d := d.(type) {
	case *events.Session:
		d.SessionID = genText.Draw(t, "id")
		d.Scope = scopeFor(typ == events.SessionStarted).Draw(t, "scope")
		d.Start = genMaybeTime.Draw(t, "start")
		d.ScheduledEnd = genMaybeTime.Draw(t, "scheduled")
		d.Approvals = genRefs.Draw(t, "approvals")
		d.Parents = genParents.Draw(t, "parents")
		d.Interactive = genMaybeBool.Draw(t, "interactive")
		d.Client = genMaybeText.Draw(t, "client")
		d.End = genEnd.Draw(t, "end")
	case *events.Lease:
		d.LeaseID = genText.Draw(t, "id")
		d.Credential = word("", events.CredentialDynamic, events.CredentialToken, events.CredentialCertificate,
			events.CredentialAPIKey, events.CredentialStatic, events.CredentialFederated).Draw(t, "credential")
		d.Scope = scopeFor(typ == events.LeaseIssued).Draw(t, "scope")
		d.Expiry = genExpiry.Draw(t, "expiry")
		d.Parents = genParents.Draw(t, "parents")
		d.Approvals = genRefs.Draw(t, "approvals")
		d.Renewable = genMaybeBool.Draw(t, "renewable")
		d.Revocable = genMaybeBool.Draw(t, "revocable")
		d.End = genEnd.Draw(t, "end")
		d.Error = genMaybeText.Draw(t, "error")
		d.Final = genBool.Draw(t, "final")
	case *events.Credential:
		d.CredentialID = genText.Draw(t, "id")
		d.Scope = genMaybeScope.Draw(t, "scope")
	}
}

func scopeFor(required bool) *rapid.Generator[events.Scope] {
	if required {
		return genScope
	}
	return genMaybeScope
}

func fillDirectory(t *rapid.T, d events.Data) {
	switch d := d.(type) {
	case *events.Membership:
		d.Scope = genScope.Draw(t, "scope")
		d.Path = genPath.Draw(t, "path")
		d.State = word("", "active", "eligible").Draw(t, "state")
		d.ScheduledEnd = genMaybeTime.Draw(t, "scheduled")
		d.Approvals = genRefs.Draw(t, "approvals")
		d.End = genEnd.Draw(t, "end")
	case *events.GroupNesting:
		d.Scope = genScope.Draw(t, "scope")
	case *events.Account:
		d.Owner = genMaybeID.Draw(t, "owner")
		d.Job = genMaybeText.Draw(t, "job")
		d.Person = genMaybeBool.Draw(t, "person")
	case *events.IdentityLink:
		d.Other = genID.Draw(t, "other")
		d.From = genMaybeTime.Draw(t, "from")
		d.Until = genMaybeTime.Draw(t, "until")
		if !d.Until.IsZero() && d.Until.Before(d.From) {
			d.From, d.Until = d.Until, d.From
		}
	}
}

func fillUse(t *rapid.T, d events.Data) {
	switch d := d.(type) {
	case *events.Use:
		d.Access = genAccess.Draw(t, "access")
		d.Interactive = genMaybeBool.Draw(t, "interactive")
		d.Workload = genMaybeID.Draw(t, "workload")
	case *events.Probe:
		d.Access = genAccess.Draw(t, "access")
		d.Result = word("alive", "refused", "inconclusive").Draw(t, "result")
	case *events.Block:
		d.Access = rapid.Ptr(genAccess, true).Draw(t, "access")
		d.System = genText.Draw(t, "system")
		d.LockID = genMaybeText.Draw(t, "lock")
		d.Until = genMaybeTime.Draw(t, "until")
		d.Lifted = genBool.Draw(t, "lifted")
	case *events.EndedBefore:
		d.Before = genTime.Draw(t, "before")
		d.Kind = optional(genKind).Draw(t, "kind")
		d.Scope = genMaybeScope.Draw(t, "scope")
		d.IDPrefix = genMaybeText.Draw(t, "prefix")
	}
}

func fillSource(t *rapid.T, d events.Data) {
	switch d := d.(type) {
	case *events.Resumed:
		d.Coverage = genMaybeTime.Draw(t, "coverage")
		d.Connector = genMaybeText.Draw(t, "connector")
		d.Capabilities = events.Capabilities{Progress: genBool.Draw(t, "progress"), Every: genDuration.Draw(t, "every"),
			Settle: genDuration.Draw(t, "settle") / 24,
			Realms: listOf(rapid.Custom(func(t *rapid.T) events.Realm {
				return events.Realm{Name: word("ldap/corp", "vault", "x-1_2.3").Draw(t, "name"), Shared: genBool.Draw(t, "shared"),
					Immutable: genBool.Draw(t, "immutable"), Recyclable: genBool.Draw(t, "recyclable"), Workload: genBool.Draw(t, "workload"),
					FoldCase: genBool.Draw(t, "fold"), Rank: rapid.IntRange(-1000, 1000).Draw(t, "rank")}
			}), 2).Draw(t, "realms")}
		if genBool.Draw(t, "reports") {
			d.Capabilities.EndReporting = rapid.MapOfN(genKind,
				word(events.EndsAlways, events.EndsSometimes, events.EndsNever), 1, 3).Draw(t, "endReporting")
		}
	case *events.Progress:
		d.Through = genTime.Draw(t, "through")
		d.Sequence = genExact.Draw(t, "sequence")
		d.Basis = word(events.ByPosition, events.ByCanary, events.ByTransport).Draw(t, "basis")
	}
}

func fillSnapshot(t *rapid.T, d events.Data) {
	switch d := d.(type) {
	case *events.SnapshotBegin:
		d.SnapshotID = genText.Draw(t, "id")
		d.Kind = genKind.Draw(t, "kind")
		d.Scope = genScope.Draw(t, "scope")
		d.StartedAt = genTime.Draw(t, "startedAt")
	case *events.SnapshotPart:
		d.SnapshotID = genText.Draw(t, "id")
		d.Index = rapid.IntRange(0, 1<<53-1).Draw(t, "index")
		d.Items = listOf(rapid.Custom(func(t *rapid.T) events.SnapshotItem {
			return events.SnapshotItem{ID: genMaybeText.Draw(t, "id"), Subject: genID.Draw(t, "subject"),
				Scope: genScope.Draw(t, "scope"), Path: genPath.Draw(t, "path"), Expiry: genExpiry.Draw(t, "expiry"),
				Aliases: genIDs.Draw(t, "aliases")}
		}), 3).Draw(t, "items")
	case *events.SnapshotEnd:
		d.SnapshotID = genText.Draw(t, "id")
		d.Parts = rapid.IntRange(0, 1<<53-1).Draw(t, "parts")
		d.Count = rapid.IntRange(0, 1<<53-1).Draw(t, "count")
		d.Hash = genHash.Draw(t, "hash")
		d.EndedAt = genTime.Draw(t, "endedAt")
	}
}

func fillInner(t *rapid.T, d events.Data) {
	switch d := d.(type) {
	case *events.Tick:
		d.Wall = genTime.Draw(t, "wall")
		d.Monotonic = genDuration.Draw(t, "monotonic")
		d.Boot = genText.Draw(t, "boot")
	case *events.Policy:
		d.YAML = "rules:\n\t# é\n" + genMaybeText.Draw(t, "yaml")
		d.Hash = genHash.Draw(t, "hash")
		d.By = genMaybeText.Draw(t, "by")
	case *events.Mark:
		d.Selector = events.Selector{Alert: genMaybeText.Draw(t, "alert"), Rule: genText.Draw(t, "rule"),
			Subject: genMaybeID.Draw(t, "subject"), Approval: genMaybeText.Draw(t, "approval")}
		d.Until = genTime.Draw(t, "until")
		d.By = genText.Draw(t, "by")
		d.Why = genMaybeText.Draw(t, "why")
	case *events.Observation:
		d.What = word(events.ObservedGap, events.ObservedAnchor, events.ObservedRestart, events.ObservedClock,
			events.ObservedQuarantined, events.ObservedCorrupt, events.ObservedPurged, events.ObservedCheckpoint, events.ObservedAlerts).Draw(t, "what")
		d.Source = genMaybeText.Draw(t, "source")
		d.Detail = genMaybeText.Draw(t, "detail")
		d.From = genExact.Draw(t, "from")
		d.To = genExact.Draw(t, "to")
	case *events.Epoch:
		d.Epoch = max(1, genExact.Draw(t, "epoch"))
		d.LogID = genText.Draw(t, "log")
		d.Reason = genText.Draw(t, "reason")
	case *events.Told:
		d.Run, d.Last = genText.Draw(t, "run"), rapid.Bool().Draw(t, "last")
		d.Epoch, d.After = genExact.Draw(t, "epoch"), genExact.Draw(t, "after")
		id, revision := rapid.StringMatching(`[0-9a-f]{32}`), rapid.Uint64Range(1, 1<<53-1)
		d.Alerts = listOf(rapid.Custom(func(t *rapid.T) events.ToldAlert {
			return events.ToldAlert{ID: id.Draw(t, "id"), Revision: revision.Draw(t, "revision"),
				State:       rapid.SampledFrom([]string{"raised", "updated", "resolved", "retracted"}).Draw(t, "state"),
				Severity:    rapid.SampledFrom([]string{"informational", "low", "medium", "high", "critical"}).Draw(t, "severity"),
				Provisional: rapid.Bool().Draw(t, "provisional"), Open: rapid.IntRange(0, 1<<53-1).Draw(t, "open")}
		}), 3).Draw(t, "alerts")
		d.Seals = listOf(rapid.Custom(func(t *rapid.T) events.ToldSeal {
			return events.ToldSeal{ID: id.Draw(t, "id"), Revision: revision.Draw(t, "revision")}
		}), 3).Draw(t, "seals")
	}
}
