package cli

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/overstay/overstay/correlator/review"
)

const plainEvents = `{"specversion":"1.0","type":"dev.overstay.lease.issued","source":"vault://prod","id":"2","subject":"alice","time":"2026-03-02T09:05:00Z","data":{"leaseId":"L1","scope":{"system":"db"}}}
{"specversion":"1.0","type":"dev.overstay.approval.granted","source":"pam://x","id":"1","subject":"alice","time":"2026-03-02T09:00:00Z","data":{"approvalId":"REQ-1","requester":"alice","scopes":[{"system":"db"}],"window":{"start":"2026-03-02T09:00:00Z","end":"2026-03-02T10:00:00Z","endKind":"at"}}}
this is no event
{"specversion":"1.0","type":"dev.overstay.lease.revoked","source":"vault://prod","id":"3","subject":"alice","time":"2026-03-02T10:05:00Z","data":{"leaseId":"L1","end":{"basis":"observed"}}}
`

// TestPlainEventsAreAColdSource: the events are put in order, time passes between
// them, and what follows from them is told.
func TestPlainEventsAreAColdSource(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	if err := os.WriteFile(path, []byte(plainEvents), 0o600); err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	var f sourceFlags
	src, err := f.open(t.Context(), Streams{Out: &errs, Err: &errs}, path)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	if src.Label.Strength != review.Cold || !strings.Contains(src.Label.Reason, "1 line could not be read") || !strings.Contains(errs.String(), "events.jsonl:3: ") {
		t.Errorf("it is %s, and told was %q", src.Label, errs.String())
	}
	o, err := src.Options(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out, err := review.Replay(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	x, ok := out.View.Access("lease", "vault://prod", "L1")
	if !ok || len(x.Alerts) != 1 {
		t.Errorf("the lease is %+v", x)
	}
}

// TestAFolderThatMayNotBeReadIsNotCalledEmpty: that no state is seen in it is not that
// there is none.
func TestAFolderThatMayNotBeReadIsNotCalledEmpty(t *testing.T) {
	for _, c := range []struct {
		err        error
		exit       int
		said, hint string
	}{
		{&fs.PathError{Op: "stat", Path: "data/state", Err: syscall.EACCES}, Failed, "cannot read data: permission denied", "run this as the user that serve runs as"},
		{&fs.PathError{Op: "stat", Path: "data/state", Err: syscall.ENOENT}, Usage, "data is no data folder: it has no state in it", "name the folder that overstay serve keeps its data in"},
	} {
		var errs bytes.Buffer
		exit := report(&errs, noState("data", c.err))
		if want := "overstay: " + c.said + "\nhint: " + c.hint + "\n"; exit != c.exit || errs.String() != want {
			t.Errorf("%v: exit code %d, %q", c.err, exit, errs.String())
		}
	}
}

// TestWithoutASourceOneCanBeNamed: who asked of no server in particular is told what
// else there is.
func TestWithoutASourceOneCanBeNamed(t *testing.T) {
	var errs bytes.Buffer
	exit := report(&errs, orNameASource(unreachablef("is it there?", "cannot reach it")))
	if want := "overstay: cannot reach it\nhint: is it there? Or name a SOURCE: a data folder or an archive\n"; exit != Unreachable || errs.String() != want {
		t.Errorf("exit code %d, %q", exit, errs.String())
	}
	if wrong := usagef("use https", "no"); orNameASource(wrong) != wrong {
		t.Error("a wrong command line is changed")
	}
}
