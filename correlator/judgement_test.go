package correlator

import "testing"

// TestAJudgementHasItsRoomToItself: one that is made inside another writes over nothing
// of it, and says what it says alone.
func TestAJudgementHasItsRoomToItself(t *testing.T) {
	p := newStoryPlayer()
	p.tick(t, clockTime(t, "08:00"))
	p.say(t, 1, `08:00 pam://x approval.granted alice {"approvalId": "R", "requester": "alice", "scopes": [{"system": "db", "role": "one"}], "window": {"start": "@08:00", "end": "@09:00", "endKind": "at"}}`)
	p.say(t, 2, `08:05 vault://p lease.issued alice {"leaseId": "L1", "scope": {"system": "db", "role": "one"}}`)
	p.tick(t, clockTime(t, "09:30"))
	inside := NewWorking(p.st).newStep(p.pol, Message{})
	outer := inside.takeRoom()
	outer.access.ID, outer.findings = "outer", []Finding{{Rule: "outer"}}
	judged := 0
	inside.each(indexSubject, "alice", func(k string) bool {
		inside.judge(ownAccess + k)
		judged++
		return true
	})
	if judged == 0 {
		t.Fatal("nothing was judged")
	}
	if outer.access.ID != "outer" || len(outer.findings) != 1 || outer.findings[0].Rule != "outer" {
		t.Errorf("its room holds the case of %s and %+v", outer.access.ID, outer.findings)
	}
	inner := inside.takeRoom()
	if inner == outer {
		t.Fatal("two judgements are in one room")
	}
	if inner.access.ID != "L1" || len(inner.findings) != 1 || inner.findings[0].Rule != ruleOutlived.ID {
		t.Errorf("the one inside has made a case of %s and %+v", inner.access.ID, inner.findings)
	}
}
