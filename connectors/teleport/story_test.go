package teleport

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/overstay/overstay/events"
)

// TestStories plays testdata/stories: a line that begins with ">" is an event, or
// a verdict, that the record above it must give; one with "!" a part of the error
// that it must be refused with. Everything else but "#" is a record.
func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/stories/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) { playStory(t, file) })
	}
}

func playStory(t *testing.T, file string) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m := NewMapper("prod", nil)
	var want, got []string
	at := 0
	check := func() {
		if w, g := strings.Join(want, "\n"), strings.Join(got, "\n"); !told(w, g) {
			t.Errorf("%s:%d: want\n%s\ngot\n%s", file, at, w, g)
		}
		want, got = nil, nil
	}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '>' || line[0] == '!':
			want = append(want, line)
		default:
			check()
			at, got = n, tell(m.Map([]byte(line)))
		}
	}
	check()
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// told compares; an expected error is a part of the real one.
func told(want, got string) bool {
	if part, isErr := strings.CutPrefix(want, "! "); isErr {
		return strings.HasPrefix(got, "! ") && strings.Contains(got, part)
	}
	return want == got
}

func tell(evs []events.Event, v Verdict, err error) []string {
	if err != nil {
		return []string{"! " + err.Error()}
	}
	if len(evs) == 0 {
		return []string{"> " + v.Outcome.String()}
	}
	var out []string
	for _, ev := range evs {
		out = append(out, "> "+strings.Join(words(ev), " "))
	}
	return out
}

// words is an event as the stories write it.
func words(ev events.Event) []string {
	w := sentence{ev.Type.Short()}
	w.add(string(ev.Subject))
	switch d := ev.Data.(type) {
	case *events.Approval:
		w.approval(d)
	case *events.Session:
		w.add(d.SessionID)
		w.scopes(d.Scope)
		w.when("until ", d.ScheduledEnd)
		w.refs(d.Approvals, d.Parents)
		w.end(d.End)
		if d.Interactive != nil && *d.Interactive {
			w.add("interactive")
		}
	case *events.Lease:
		w.add(d.LeaseID)
		w.scopes(d.Scope)
		w.add("expires " + string(d.Expiry.Kind))
		w.when("", d.Expiry.At)
		w.refs(d.Approvals, d.Parents)
		if len(d.Aliases) > 0 {
			w.add(strings.TrimSpace("aliases " + join(d.Aliases)))
		}
	case *events.Use:
		w.add(string(d.Access.Kind) + " " + d.Access.ID)
	case *events.Membership:
		w.scopes(d.Scope)
		w.when("until ", d.ScheduledEnd)
		w.add("actor " + string(d.Actor))
		w.end(d.End)
	case *events.Account:
		w.add("actor " + string(d.Actor))
	case *events.GroupNesting:
		w.add("in")
		w.scopes(d.Scope)
	case *events.IdentityLink:
		w.add("= " + string(d.Other))
	case *events.EndedBefore:
		w.add(string(d.Kind))
		w.scopes(d.Scope)
		w.when("before ", d.Before)
	case *events.Block:
		w.add(d.System + " " + d.LockID)
		w.when("until ", d.Until)
		if d.Lifted {
			w.add("lifted")
		}
	}
	w.add(string(ev.Data.Common().Effect))
	return w
}

type sentence []string

func (w *sentence) add(s string) {
	if s != "" {
		*w = append(*w, s)
	}
}

func (w *sentence) when(what string, t time.Time) {
	if !t.IsZero() {
		w.add(what + t.Format("15:04:05.999999999"))
	}
}

func (w *sentence) scopes(scopes ...events.Scope) {
	if len(scopes) == 0 || scopes[0].IsZero() {
		return
	}
	w.add("[" + strings.ReplaceAll(join(scopes), ",teleport", "; teleport") + "]")
}

func join[T any](list []T) string {
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = fmt.Sprint(v)
	}
	return strings.Join(parts, ",")
}

func (w *sentence) refs(refs []events.ApprovalRef, parents []events.Parent) {
	for _, r := range refs {
		w.add(fmt.Sprintf("under %s (%s)", r.ID, r.AssertedBy))
	}
	for _, p := range parents {
		w.add(fmt.Sprintf("parent %s %s", p.Edge, p.ID))
	}
}

func (w *sentence) end(e *events.End) {
	if e != nil {
		w.add(string(e.Basis) + " " + string(e.Cause))
		w.when("at ", e.At)
	}
}

func (w *sentence) approval(a *events.Approval) {
	w.add(a.ApprovalID)
	if a.Requester != "" {
		w.add("by " + string(a.Requester))
	}
	w.scopes(a.Scopes...)
	for _, v := range a.Approvers {
		w.add("vote " + v.Decision + " by " + string(v.By))
	}
	if win := a.Window; win != nil {
		span := "window "
		if !win.Start.IsZero() {
			span += win.Start.Format("15:04:05")
		}
		span += ".."
		if !win.End.IsZero() {
			span += win.End.Format("15:04:05")
		}
		w.add(span)
		if win.EndKind != events.EndAt {
			w.add(string(win.EndKind))
		}
		w.add(string(win.Basis))
	}
	w.add(string(a.Kind))
	if a.DecidedBy != "" {
		w.when("decided ", a.DecidedAt)
		w.add("by " + string(a.DecidedBy))
	}
	if a.Reason != "" {
		w.add(fmt.Sprintf("reason %q", a.Reason))
	}
}
