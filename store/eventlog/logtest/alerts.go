package logtest

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"

	"github.com/overstay/overstay/store/eventlog"
)

func alert(severity, id string, revision int, body string) eventlog.Entry {
	return eventlog.Entry{
		Subject: fmt.Sprintf("overstay.alerts.%s.OV-001.%s.%d", severity, id, revision),
		Header:  map[string][]string{"traceparent": {"00-" + body}},
		Body:    []byte(body),
	}
}

func alertOnce(t *testing.T, s Streams) {
	var wg sync.WaitGroup
	errs := make([]error, 16)
	for i := range errs {
		wg.Go(func() {
			e := alert("high", "a", 1, "same")
			e.Header = map[string][]string{"traceparent": {fmt.Sprint(i)}} // a trace makes no difference
			errs[i] = s.Alerts.Publish(within(t), e)
		})
	}
	wg.Wait()
	must(t, errors.Join(errs...))
	if got := published(t, s, eventlog.TailOptions{}); !slices.Equal(got, []string{"same"}) {
		t.Fatalf("published %q", got)
	}
}

func alertDiffers(t *testing.T, s Streams) {
	must(t, s.Alerts.Publish(within(t), alert("high", "a", 1, "first")))
	must(t, s.Alerts.Publish(within(t), alert("high", "a", 2, "second")))
	err := s.Alerts.Publish(within(t), alert("high", "a", 1, "other"))
	var different *eventlog.DifferentError
	if !errors.As(err, &different) {
		t.Fatalf("another body: %v, want a *DifferentError", err)
	}
	if string(different.Stored.Body) != "first" || different.Stored.Position != 1 {
		t.Errorf("stored is %+v", different.Stored)
	}
	sealed := eventlog.Entry{Subject: "overstay.sealed.approval-1.1", Body: []byte("closed")}
	must(t, s.Alerts.Publish(within(t), sealed))
	must(t, s.Alerts.Publish(within(t), sealed))
	if got := published(t, s, eventlog.TailOptions{}); !slices.Equal(got, []string{"first", "second", "closed"}) {
		t.Fatalf("published %q", got)
	}
}

func alertSeverity(t *testing.T, s Streams) {
	must(t, s.Alerts.Publish(within(t), alert("provisional", "a", 1, "body")))
	must(t, s.Alerts.Publish(within(t), alert("high", "a", 1, "body")))
	var different *eventlog.DifferentError
	if err := s.Alerts.Publish(within(t), alert("high", "a", 1, "other")); !errors.As(err, &different) {
		t.Fatalf("another body: %v, want a *DifferentError", err)
	}
	if want := alert("provisional", "a", 1, "").Subject; different.Subject != want {
		t.Errorf("it is stored on %s, want %s", different.Subject, want)
	}
	must(t, s.Alerts.Publish(within(t), alert("high", "b", 1, "of b")))
	if got := published(t, s, eventlog.TailOptions{}); !slices.Equal(got, []string{"body", "of b"}) {
		t.Fatalf("published %q", got)
	}
}

func alertsTogether(t *testing.T, s Streams) {
	var es []eventlog.Entry
	var want []string
	for i := range 1000 {
		want = append(want, fmt.Sprint(i))
		es = append(es, alert([]string{"high", "low", "provisional"}[i%3], fmt.Sprint("a", i/2), 1+i%2, want[i]))
	}
	must(t, s.Alerts.PublishAll(within(t), es))
	for _, i := range []int{0, 500, 999} {
		must(t, s.Alerts.Publish(within(t), es[i])) // it is there
	}
	if got := published(t, s, eventlog.TailOptions{}); !slices.Equal(got, want) {
		t.Fatalf("published %d, or in another order", len(got))
	}
}

func alertsNotTogether(t *testing.T, s Streams) {
	must(t, s.Alerts.Publish(within(t), alert("low", "a7", 1, "there")))
	var es []eventlog.Entry
	for i := range 100 {
		es = append(es, alert("high", fmt.Sprint("a", i), 1, fmt.Sprint(i)))
	}
	for name, es := range map[string][]eventlog.Entry{
		"one that is there under another severity": es,
		"one with the same body":                   append(slices.Clone(es[:7]), alert("low", "a7", 1, "there")),
		"one twice":                                append(slices.Clone(es[:7]), alert("low", "a3", 1, "3")),
		"one that is no alert":                     append(slices.Clone(es[:7]), event(1)),
	} {
		if err := s.Alerts.PublishAll(within(t), es); err == nil {
			t.Errorf("with %s they were inserted", name)
		}
	}
	if got := published(t, s, eventlog.TailOptions{}); !slices.Equal(got, []string{"there"}) {
		t.Fatalf("published %q", got)
	}
	must(t, s.Alerts.PublishAll(within(t), es[:7]))
	must(t, s.Alerts.PublishAll(within(t), es[8:]))
	if got := published(t, s, eventlog.TailOptions{}); len(got) != 100 || got[7] != "6" || got[8] != "8" {
		t.Fatalf("published %q", got)
	}
}

func tail(t *testing.T, s Streams) {
	if got := published(t, s, eventlog.TailOptions{}); len(got) != 0 {
		t.Fatalf("nothing was published, read %q", got)
	}
	const n = 600 // more than one batch
	for i := range n {
		severity := "high"
		if i%200 == 0 {
			severity = "low"
		}
		must(t, s.Alerts.Publish(within(t), alert(severity, fmt.Sprint("a", i), 1, fmt.Sprint(i))))
	}
	if got := published(t, s, eventlog.TailOptions{}); len(got) != n || got[0] != "0" || got[n-1] != "599" {
		t.Errorf("read %d alerts of %d", len(got), n)
	}
	if got := published(t, s, eventlog.TailOptions{From: 599}); !slices.Equal(got, []string{"598", "599"}) {
		t.Errorf("from 599: %q", got)
	}
	if got := published(t, s, eventlog.TailOptions{New: true}); len(got) != 0 {
		t.Errorf("new ones: %q", got)
	}
	if got := published(t, s, eventlog.TailOptions{Filter: "overstay.alerts.low.>"}); !slices.Equal(got, []string{"0", "200", "400"}) {
		t.Errorf("low ones: %q", got)
	}
}

func follow(t *testing.T, s Streams) {
	must(t, s.Alerts.Publish(within(t), alert("high", "old", 1, "old")))
	all, err := s.Tail.Tail(within(t), eventlog.TailOptions{Follow: true})
	must(t, err)
	t.Cleanup(func() { must(t, all.Close()) })
	fresh, err := s.Tail.Tail(within(t), eventlog.TailOptions{New: true, Follow: true, Filter: "overstay.alerts.high.>"})
	must(t, err)
	t.Cleanup(func() { must(t, fresh.Close()) })
	if m := next(t, all); string(m.Body) != "old" {
		t.Fatalf("first is %q", m.Body)
	}
	for i := range 20 {
		body := fmt.Sprint(i)
		must(t, s.Alerts.Publish(within(t), alert("low", "l"+body, 1, "low "+body)))
		must(t, s.Alerts.Publish(within(t), alert("high", "h"+body, 1, "high "+body)))
		if got := bodies(t, all, 2); !slices.Equal(got, []string{"low " + body, "high " + body}) {
			t.Fatalf("all: %q", got)
		}
		if m := next(t, fresh); string(m.Body) != "high "+body {
			t.Fatalf("new high ones: %q", m.Body)
		}
	}
}

func quarantined(t *testing.T, s Streams) {
	e := eventlog.Entry{Subject: "overstay.quarantine.vault.not-json", Body: []byte("{"), MsgID: "q"}
	must(t, s.Quarantine.Put(within(t), e))
	must(t, s.Quarantine.Put(within(t), e))
	wantLast(t, s.Log, 0)
}

// published reads to the end.
func published(t *testing.T, s Streams, o eventlog.TailOptions) []string {
	t.Helper()
	r, err := s.Tail.Tail(within(t), o)
	must(t, err)
	defer func() { must(t, r.Close()) }()
	var out []string
	for {
		m, err := r.Next(within(t))
		if errors.Is(err, io.EOF) {
			return out
		}
		must(t, err)
		out = append(out, string(m.Body))
	}
}
