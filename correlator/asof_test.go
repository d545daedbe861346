package correlator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/oracle"
	"github.com/overstay/overstay/correlator/policy"
	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/memory"
)

// TestAsOfOracle: who could act at a time, as known at another, is what the oracle
// says that read the log up to there and nothing more. The events arrive in any order,
// so that at most times something is not known yet, and at later ones it is.
func TestAsOfOracle(t *testing.T) {
	asked, held, differ := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		said, pol, settings := correlator.IncidentHistory(t)
		log := memory.New(memory.Options{})
		n := 0
		add := func(ev events.Event) {
			n++
			header, body, err := events.EncodeNATS(ev)
			if err != nil {
				t.Fatal(err)
			}
			if err := log.Append(t.Context(), []eventlog.Entry{{Subject: events.SubjectOf(ev), Header: header, Body: body}}); err != nil {
				t.Fatal(err)
			}
		}
		// A tick before every few events, no earlier than any of them happened, and one at
		// the end, when all that ends by itself has ended.
		var ticks []time.Time
		read := map[time.Time]int{} // how many events were in the log before the next
		now := correlator.HistoryStart
		for i := 0; i < len(said); {
			few := said[i:min(len(said), i+rapid.IntRange(1, 6).Draw(t, "events between ticks"))]
			for _, ev := range few {
				if ev.Time.After(now) {
					now = ev.Time
				}
			}
			add(tickAt(now, n))
			for _, ev := range few {
				add(ev)
			}
			i += len(few)
			ticks, read[now] = append(ticks, now), i
			now = now.Add(11 * time.Minute)
		}
		now = now.Add(24 * time.Hour)
		add(tickAt(now, n))
		ticks, read[now] = append(ticks, now), len(said)
		src := &review.Source{Name: "random", Log: log, Compile: func(text string) (*correlator.Policy, error) { return policy.Load("policy", []byte(text)) }, Policy: pol}
		var last string
		for range 2 {
			known := rapid.SampledFrom(ticks).Draw(t, "known at")
			at := correlator.HistoryStart.Add(time.Duration(rapid.IntRange(0, 300).Draw(t, "half minutes")) * 30 * time.Second)
			if at.After(known) {
				at = known // what comes after what is known is a forecast
			}
			got := reviewed(t, src, at, known)
			o := oracle.New(settings)
			for _, ev := range said[:read[known]] {
				o.Read(ev)
			}
			o.Read(tickAt(known, 0))
			want := byOracle(o, at)
			if !slices.Equal(got, want) {
				t.Fatalf("at %s, known at %s, %d events read of\n%s\nthe review says\n%s\n\nthe oracle says\n%s", at, known, read[known], story(said), strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			asked, held = asked+1, held+len(got)
			if now := strings.Join(got, "\n"); now != last {
				last = now
				differ++
			}
		}
	})
	t.Logf("%d questions, %d holdings in the answers, %d answers other than the one before", asked, held, differ)
	if held == 0 || differ == 0 {
		t.Error("nobody ever held anything")
	}
}

func tickAt(at time.Time, n int) events.Event {
	return events.Event{ID: fmt.Sprint("t", n), Source: "overstay://clock", Type: events.ClockTick, Time: at,
		Data: &events.Tick{Wall: at, Boot: "b", Monotonic: events.Duration(at.Sub(correlator.HistoryStart))}}
}

func reviewed(t *rapid.T, src *review.Source, at, known time.Time) []string {
	answer, err := review.AsOf(t.Context(), src, review.AsOfQuery{At: at, KnownAt: known})
	if err != nil {
		t.Fatal(err)
	}
	if !answer.KnownAt.Equal(known) {
		t.Fatalf("asked for what was known at %s, and the answer is of %s", known, answer.KnownAt)
	}
	var out []string
	for _, h := range answer.Holdings {
		if at.Before(h.Access.From) {
			continue // it may have been held by then, and the oracle does not guess
		}
		var under []string
		for _, c := range h.Under {
			if name := c.Source + " " + c.Approval; !slices.Contains(under, name) && !c.Partly {
				under = append(under, name)
			}
		}
		slices.Sort(under)
		a := h.Access
		out = append(out, fmt.Sprint(a.Source, a.Kind, a.ID, a.Subject, a.Scope, a.Person, a.From.UTC(), a.To.UTC(), under))
	}
	slices.Sort(out)
	return out
}

func byOracle(o *oracle.Oracle, at time.Time) []string {
	var out []string
	for _, h := range o.Holdings(at) {
		out = append(out, fmt.Sprint(h.Source, h.Kind, h.ID, h.Subject, h.Scope, h.Person, h.From.UTC(), h.To.UTC(), h.Under))
	}
	slices.Sort(out)
	return out
}

func story(said []events.Event) string {
	var b strings.Builder
	for _, ev := range said {
		text, err := events.Encode(ev)
		if err != nil {
			return err.Error()
		}
		fmt.Fprintf(&b, "%s\n", text)
	}
	return b.String()
}
