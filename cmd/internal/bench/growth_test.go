package bench

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/memory"
)

func TestSizes(t *testing.T) {
	for open, want := range map[int][]int{
		10_000_000: {100_000, 1_000_000, 10_000_000}, 1_000_000: {100_000, 1_000_000}, 300_000: {30_000, 300_000},
		5_000_000: {100_000, 1_000_000, 5_000_000}, 1000: {100, 1000},
	} {
		if got := sizesUpTo(open); !slices.Equal(got, want) {
			t.Errorf("up to %d: %v, not %v", open, got, want)
		}
	}
}

// TestASweepStaysAsLargeAsItIs: what is measured leaves as many leases open as there
// were, and is of each kind the same share.
func TestASweepStaysAsLargeAsItIs(t *testing.T) {
	open, seen := map[string]bool{}, map[events.Type]int{}
	s := &sweep{hours: hours{company: newCompany(5, 2), now: beginning, want: 1 << 20, count: map[string]uint64{}}, gen: map[int]int{},
		feed: &feed{ctx: t.Context(), log: memory.New(memory.Options{})}}
	s.emit = func(e eventlog.Entry) error {
		ev, err := events.DecodeNATS(e.Header, e.Body)
		if err != nil {
			return err
		}
		seen[ev.Type]++
		var id string
		switch d := ev.Data.(type) {
		case *events.Lease:
			id = d.LeaseID
		case *events.Use:
			id = d.Access.ID
		default:
			return nil
		}
		if ev.Type == events.LeaseIssued == open[id] {
			t.Fatalf("%s of %s, and that it is open is %t", ev.Type, id, open[id])
		}
		switch ev.Type {
		case events.LeaseIssued:
			open[id] = true
		case events.LeaseRevoked:
			delete(open, id)
		}
		return nil
	}
	if err := s.grow(500); err != nil {
		t.Fatal(err)
	}
	before := s.made
	ends, err := s.turns(300, 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(open) != 500 || seen[events.LeaseIssued] != 1100 || seen[events.AccessUsed] != 600 || seen[events.LeaseRenewed] != 600 || seen[events.LeaseRevoked] != 600 {
		t.Errorf("%d are open after %v", len(open), seen)
	}
	if len(ends) != 2 || ends[1] != s.made || ends[0] < before+1200 || ends[1] < ends[0]+1200 {
		t.Errorf("the stretches end at %v, from %d to %d", ends, before, s.made)
	}
}

func TestOutlook(t *testing.T) {
	o := Options{Parts: []string{"live", "restart"}, Events: 1_000_000, Open: 1_000_000}
	if got, want := o.outlook(), "it takes about 6 min on two cores that do nothing else: live 6 min, restart 20 s"; got != want {
		t.Errorf("%q, not %q", got, want)
	}
	for _, p := range Parts {
		if o.likely(p) <= 0 {
			t.Errorf("%s takes no time", p)
		}
	}
	for d, want := range map[time.Duration]string{0: "5 s", 22 * time.Second: "20 s", 95 * time.Second: "2 min", time.Hour: "60 min"} {
		if got := about(d); got != want {
			t.Errorf("%s is about %s, not %s", d, got, want)
		}
	}
	if !strings.Contains(small("").outlook(), "two cores") {
		t.Error("a small run has no outlook")
	}
}
