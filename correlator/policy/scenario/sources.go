package scenario

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/overstay/overstay/correlator/policy/strictyaml"
	"github.com/overstay/overstay/events"
)

// reportEvery is how often a source reports progress that promises it and does
// not say how often.
const reportEvery = 10 * time.Second

// mostOften bounds how many reports there are to play.
const mostOften = time.Second

// promise is a source that is there from the start, and what it promised.
type promise struct {
	uri     string
	resumed events.Event
	every   time.Duration // between two reports of progress; 0: it promises none
}

// promised is how a promise is written: what a connector says of itself when it
// begins.
type promised struct {
	Coverage time.Time `json:"coverage"`
	events.Capabilities
}

func (l *loader) readSources(v strictyaml.Value) {
	if l.s.Start.IsZero() {
		return // that nothing begins was reported
	}
	v.Entries(func(uri string, key, value strictyaml.Value) {
		place := payloadPlace{at: key, above: "capabilities."}
		p := payload{l: l, at: l.s.Start, ok: true}
		capabilities := map[string]any{}
		if !value.IsEmpty() {
			place.data = &value
			read, ok := p.read(value, reflect.TypeFor[promised]()).(map[string]any)
			if !ok {
				value.Report(`write "{progress: true, every: 10s}", or {} for a source that promises nothing`, "says nothing of a source")
				return
			}
			capabilities = read
		}
		if !p.ok {
			return
		}
		coverage, stated := capabilities["coverage"]
		delete(capabilities, "coverage")
		if !stated {
			coverage = l.s.Start
		}
		ev, err := cloudEvent{
			ID: "resumed", Source: uri, Type: events.SourceResumed, Time: l.s.Start,
			Data: map[string]any{"coverage": coverage, "capabilities": capabilities},
		}.decode()
		if err != nil {
			place.report(err)
			return
		}
		said := ev.Data.(*events.Resumed).Capabilities
		source := promise{uri: uri, resumed: ev}
		if said.Progress {
			switch source.every = said.Every.Std(); {
			case source.every == 0:
				source.every = reportEvery
			case source.every < mostOften:
				place.find([]string{"every"}).Report("", "is %s, and a scenario reports progress once in %s at most", source.every, mostOften)
				return
			}
		}
		l.s.sources = append(l.s.sources, source)
	})
}

// checkReporters: only a source that reports by itself can fall silent.
func (l *loader) checkReporters() {
	for _, step := range l.s.Steps {
		if step.kind != silences && step.kind != speaks {
			continue
		}
		reports := func(p promise) bool { return p.uri == step.source && p.every > 0 }
		if !slices.ContainsFunc(l.s.sources, reports) {
			l.others = append(l.others, strictyaml.Problem{
				File: l.s.File, Line: step.Line, Column: 1,
				Message: fmt.Sprintf("%s reports nothing by itself", step.source),
				Hint:    fmt.Sprintf("list it at the top: sources: {%s: {progress: true}}", step.source),
			})
		}
	}
}

// reporter is a source while the scenario is played.
type reporter struct {
	promise
	next   time.Time // of its next report
	silent bool
	sent   int
}

// reports makes the progress that a source reports now.
func (r *reporter) reports(now time.Time) (events.Event, error) {
	r.sent++
	r.next = now.Add(r.every)
	return events.New(events.SourceProgress, r.uri, fmt.Sprintf("progress%d", r.sent), now, "",
		&events.Progress{Through: now, Basis: events.ByPosition})
}
