package demo

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/overstay/overstay/cmd/internal/repotest"
	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/policy"
	"github.com/overstay/overstay/correlator/review"
)

// TestTimelines shows Alice's and Dave's morning on a time line. What comes of it is
// what package draw is tested with.
func TestTimelines(t *testing.T) {
	dir := t.TempDir()
	start, err := clockTime(beginning)
	if err != nil {
		t.Fatal(err)
	}
	ctx, gone := context.WithCancelCause(t.Context())
	defer gone(nil)
	s, err := openStage(ctx, gone, dir, "test", start)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := tell(ctx, s, start, silence{}); err != nil {
		t.Fatal(err)
	}
	src := &review.Source{Name: "demo", Log: s.app.Events(), Compile: func(text string) (*correlator.Policy, error) {
		return policy.Load("policy", []byte(text))
	}}
	if src.Label, err = review.LabelOf(ctx, src.Log, false); err != nil {
		t.Fatal(err)
	}
	for name, q := range map[string]review.TimelineQuery{
		"alice": {Subject: "teleport/prod/user:alice"}, "dave": {Subject: "ldap/corp/uid:dave"}, "erin": {Subject: "vault/prod/ldap:erin"},
	} {
		h, err := review.Timeline(ctx, src, q, nil)
		if err != nil {
			t.Fatal(err)
		}
		h.Log.ID = "demo" // each run has a stream of its own
		got, err := json.MarshalIndent(h, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(repotest.Root(t), "correlator", "review", "draw", "testdata", name+".json")
		if *update {
			if err := os.WriteFile(file, append(got, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(got)+"\n" != string(want) {
			t.Errorf("%s is not what the demo gives; go test ./cmd/internal/demo -update writes it anew", file)
		}
	}
}
