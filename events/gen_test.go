package events_test

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"github.com/overstay/overstay/events"
)

// The generators make valid events of every type, with awkward but allowed text.

var (
	genText = rapid.Custom(func(t *rapid.T) string {
		runes := rapid.RuneFrom([]rune(`"\/<>&%.* `+"\u2028é日😀"), unicode.L, unicode.N, unicode.P, unicode.S)
		return rapid.StringOfN(runes, 1, 20, -1).Draw(t, "text")
	})
	genMaybeText = optional(genText)
	genID        = rapid.Custom(func(t *rapid.T) events.ID {
		realm := rapid.SampledFrom([]string{"", "vault/prod/entity", "ldap/corp/uid", "teleport"}).Draw(t, "realm")
		return events.NewID(realm, genText.Filter(func(s string) bool { return events.ID(s).Validate() == nil }).Draw(t, "local"))
	})
	genMaybeID = optional(genID)
	genIDs     = listOf(genID, 3)
	genTime    = rapid.Custom(func(t *rapid.T) time.Time {
		lo, hi := time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC).Unix(), time.Date(2200, 12, 31, 0, 0, 0, 0, time.UTC).Unix()
		nanos := rapid.SampledFrom([]int64{0, 0, 1, 500_000_000, 999_999_999, 123_456_000}).Draw(t, "nanos")
		return time.Unix(rapid.Int64Range(lo, hi).Draw(t, "seconds"), nanos).UTC()
	})
	genMaybeTime = optional(genTime)
	genDuration  = rapid.Map(rapid.Int64Range(0, int64(24*time.Hour)), func(n int64) events.Duration { return events.Duration(n) })
	genBool      = rapid.Bool()
	genMaybeBool = rapid.Ptr(genBool, true)
	genExact     = rapid.Uint64Range(0, 1<<53-1)
	genHash      = rapid.Map(rapid.String(), func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return hex.EncodeToString(sum[:])
	})
	genScope = rapid.Custom(func(t *rapid.T) events.Scope {
		return events.Scope{System: genText.Draw(t, "system"), Resource: genMaybeText.Draw(t, "resource"),
			Role: genMaybeText.Draw(t, "role"), Level: genMaybeText.Draw(t, "level")}
	})
	genMaybeScope = optional(genScope)
	genPath       = word(events.PathDirect, events.PathNested, events.PathPrimary)
	genKind       = word(events.KindSession, events.KindLease, events.KindMembership)
	genAccess     = rapid.Custom(func(t *rapid.T) events.AccessRef {
		return events.AccessRef{Kind: genKind.Draw(t, "kind"), ID: genText.Draw(t, "id"), Source: genMaybeText.Draw(t, "source")}
	})
	genRefs = listOf(rapid.Custom(func(t *rapid.T) events.ApprovalRef {
		return events.ApprovalRef{ID: genText.Draw(t, "id"), Source: genMaybeText.Draw(t, "source"),
			AssertedBy: word(events.ByIssuer, events.ByCaller).Draw(t, "by")}
	}), 2)
	genParents = listOf(rapid.Custom(func(t *rapid.T) events.Parent {
		return events.Parent{AccessRef: genAccess.Draw(t, "access"),
			Edge: word(events.EdgeCascade, events.EdgeDerived, events.EdgeReissue).Draw(t, "edge")}
	}), 2)
	genEnd = rapid.Ptr(rapid.Custom(func(t *rapid.T) events.End {
		return events.End{Basis: word(events.EndClaimed, events.EndObserved).Draw(t, "basis"),
			Cause: word(events.CauseUnknown, events.CauseClosed, events.CauseRevoked, events.CausePath, events.CausePrefix,
				events.CauseForce, events.CauseCascade, events.CauseExpired, events.CauseRemoved, events.CauseDeleted,
				events.CauseSnapshot).Draw(t, "cause"),
			At: genMaybeTime.Draw(t, "at"), LastAlive: genMaybeTime.Draw(t, "lastAlive")}
	}), true)
	genExpiry = rapid.Ptr(rapid.Custom(func(t *rapid.T) events.Expiry {
		e := events.Expiry{Kind: word(events.ExpiryExact, events.ExpiryUpperBound, events.ExpiryUnknown, events.ExpiryNever).Draw(t, "kind")}
		if e.Kind == events.ExpiryExact || e.Kind == events.ExpiryUpperBound {
			e.At = genTime.Draw(t, "at")
		}
		return e
	}), true)
	genWindow = rapid.Custom(func(t *rapid.T) events.Window {
		w := events.Window{Start: genMaybeTime.Draw(t, "start"),
			EndKind: word(events.EndAt, events.EndNever, events.EndUnknown).Draw(t, "endKind"),
			Basis:   word("", events.BasisRequested, events.BasisEffective).Draw(t, "basis")}
		switch {
		case w.EndKind == events.EndAt && genBool.Draw(t, "activation"):
			w.Basis, w.Duration = events.BasisActivation, 1+genDuration.Draw(t, "duration")
		case w.EndKind == events.EndAt:
			w.End = genTime.Draw(t, "end")
			if w.End.Before(w.Start) {
				w.Start, w.End = w.End, w.Start
			}
		}
		return w
	})
	genMeta = rapid.Custom(func(t *rapid.T) events.Meta {
		return events.Meta{Actor: genMaybeID.Draw(t, "actor"), Aliases: genIDs.Draw(t, "aliases"),
			Effect:      word(events.Done, events.Attempted, events.InProgress, events.Failed).Draw(t, "effect"),
			OperationID: genMaybeText.Draw(t, "operation"), RawSHA256: optional(genHash).Draw(t, "raw"),
			TimeQuality: rapid.Ptr(rapid.Custom(func(t *rapid.T) events.TimeQuality {
				return events.TimeQuality{Precision: genDuration.Draw(t, "precision"),
					Zone: word("", "stated", "assumed").Draw(t, "zone"), Uncertainty: genDuration.Draw(t, "uncertainty")}
			}), true).Draw(t, "quality")}
	})
	genEvent = rapid.Custom(func(t *rapid.T) events.Event {
		return eventOf(rapid.SampledFrom(events.Types()).Draw(t, "type")).Draw(t, "event")
	})
)

// eventOf makes valid events of one type.
func eventOf(typ events.Type) *rapid.Generator[events.Event] {
	return rapid.Custom(func(t *rapid.T) events.Event {
		ev := events.Event{ID: genText.Draw(t, "id"), Type: typ, Subject: genID.Draw(t, "subject"),
			Source:   rapid.SampledFrom([]string{"vault://prod", "ldap://corp/dc=example,dc=org", "#f", "urn:uuid:6e8bc430", "teleport://corp/a%20b?x=1"}).Draw(t, "source"),
			Time:     genTime.Draw(t, "time"),
			Recorded: genMaybeTime.Draw(t, "recorded"), Data: genData(t, typ)}
		if genBool.Draw(t, "numbered") {
			ev.Sequence = events.Sequence{Epoch: rapid.Uint64().Draw(t, "epoch"), Counter: rapid.Uint64Min(1).Draw(t, "counter")}
		}
		if genBool.Draw(t, "traced") {
			ev.TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
		}
		return ev
	})
}

func optional[T any](g *rapid.Generator[T]) *rapid.Generator[T] {
	var zero T
	return rapid.OneOf(rapid.Just(zero), g)
}

// listOf makes nil or up to n entries.
func listOf[T any](g *rapid.Generator[T], n int) *rapid.Generator[[]T] {
	return rapid.Map(rapid.SliceOfN(g, 0, n), func(s []T) []T {
		if len(s) == 0 {
			return nil
		}
		return s
	})
}

func word[T ~string](words ...T) *rapid.Generator[T] { return rapid.SampledFrom(words) }
