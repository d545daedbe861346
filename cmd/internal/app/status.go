package app

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/overstay/overstay/connectors/runner"
	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/store"
)

// StatusPath is where the program tells about itself.
const StatusPath = "/v1/status"

// Status is what `overstay status` shows: what is seen, joined, unjudged and why.
// Times are RFC 3339 in UTC; empty means not known.
type Status struct {
	Version   string    `json:"version"`
	Started   time.Time `json:"started"`
	LogTime   string    `json:"logTime"`
	Position  uint64    `json:"position"` // of the log, up to which it is judged
	LogEnd    uint64    `json:"logEnd"`   // newest position of the log, 0 when not known
	Outbox    int       `json:"outbox"`   // publications that wait to be published
	Ready     bool      `json:"ready"`
	NotReady  string    `json:"notReady,omitempty"`
	NATS      string    `json:"nats"`
	Policy    string    `json:"policy"`
	Approvals int       `json:"approvals"`
	Windows   int       `json:"windows"`
	Open      int       `json:"openAccesses"`
	Timers    int       `json:"armedTimers"`
	Jobs      int       `json:"jobs"`
	HeldClock string    `json:"heldClock,omitempty"`
	// Checkpoint is the copy of the state that was taken last since the start.
	Checkpoint *engine.Checkpointed `json:"checkpoint,omitempty"`
	Judgement  map[string]int       `json:"judgement"`
	Sources    []SourceStatus       `json:"sources"`
	Connector  []ConnectorStatus    `json:"connectors"`
	Unmapped   []ScopeStatus        `json:"unmappedScopes"`
	Advice     []string             `json:"advice"`
}

// SourceStatus is one source as the correlator sees it.
type SourceStatus struct {
	URI    string `json:"uri"`
	Events int    `json:"events"`
	// Unauthorised are those besides that had no effect: the policy does not let it say them.
	Unauthorised int `json:"unauthorised,omitempty"`

	Open     int    `json:"openAccesses"`
	Coverage string `json:"coverage,omitempty"`
	Progress string `json:"progress,omitempty"`
	Heard    string `json:"heard,omitempty"`
	Promises bool   `json:"promisesProgress"`
	Blind    string `json:"blind,omitempty"`
	// Late counts what it said too late for anything; Gone: it has reported no
	// progress for so long that nobody awaits it.
	Late int `json:"late,omitempty"`
	// DroppedClaims counts its bulk claims (access.ended-before) that were let go for
	// want of room: what is read late is judged without them.
	DroppedClaims int  `json:"droppedClaims,omitempty"`
	Gone          bool `json:"gone,omitempty"`
	// RefusedRealms are declared by this source, differently than by their own.
	RefusedRealms []string `json:"refusedRealms,omitempty"`
}

// ConnectorStatus is one connector of this process.
type ConnectorStatus struct {
	URI      string            `json:"uri"`
	State    string            `json:"state"`
	Events   map[string]uint64 `json:"events,omitempty"`
	Skipped  map[string]uint64 `json:"skipped,omitempty"`
	LastSkip string            `json:"lastSkip,omitempty"`
	// LastError is what a waiting connector waits for, else why it last failed.
	LastError string `json:"lastError,omitempty"`
}

// ScopeStatus is a scope that no approval of its holder names.
type ScopeStatus struct {
	Scope string `json:"scope"`
	Open  int    `json:"open"`
}

func (a *App) serveStatus(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(a.Status(r.Context())); err != nil {
		a.log.Debug("the client went away before the status was written", "error", err)
	}
}

// Status collects the present status.
func (a *App) Status(ctx context.Context) Status {
	var g correlator.Glance
	var rep correlator.Report
	var at store.Position
	looked := a.engine.Look(func(v *correlator.View, p store.Position) { g, rep, at = v.Glance(), v.Coverage(), p })
	s := Status{
		Version: a.opts.Version, Started: a.started, LogTime: known(g.Now), Position: at.Seq, Outbox: a.engine.Outbox(), Ready: true, NATS: a.NATSURL(),
		Policy: a.engine.Policy().Hash, Approvals: g.Approvals, Windows: g.Windows, Open: g.Open, Timers: g.Timers, Jobs: g.Jobs,
		HeldClock: known(g.Held), Judgement: g.Judgement, Advice: rep.Advice,
		Checkpoint: a.engine.LastCheckpoint(),
	}
	end, err := a.streams.Events().State(ctx)
	s.LogEnd = end.Last
	if err := errors.Join(err, looked, a.engine.Ready(ctx)); err != nil {
		s.Ready, s.NotReady = false, err.Error()
	}
	for _, src := range g.Sources {
		s.Sources = append(s.Sources, SourceStatus{
			URI: src.URI, Events: src.Events, Unauthorised: src.Unauthorised, Open: src.Open, Coverage: known(src.Coverage), Progress: known(src.Progress),
			Heard: known(src.Heard), Promises: src.Owes, Blind: src.Blind, Late: src.Late, DroppedClaims: src.Dropped, Gone: src.Gone, RefusedRealms: src.Refused,
		})
	}
	for _, run := range a.runners {
		snap := run.Snapshot()
		c := ConnectorStatus{URI: snap.URI, State: string(snap.State), Events: snap.Events, Skipped: snap.Skipped, LastError: snap.LastError}
		if snap.State == runner.Waiting {
			c.LastError = snap.Waiting
		}
		if snap.LastSkip != nil {
			c.LastSkip = snap.LastSkip.Place + ": " + snap.LastSkip.Error
		}
		s.Connector = append(s.Connector, c)
	}
	for _, u := range rep.Unmapped {
		s.Unmapped = append(s.Unmapped, ScopeStatus{u.Scope.String(), u.Count})
	}
	return s
}

// known is a time for JSON, empty when there is none.
func known(t correlator.Time) string {
	if t == 0 || t == correlator.Forever || t == correlator.Ever {
		return ""
	}
	return t.String()
}

// NATSURL is where a NATS client connects, "" when only this process can.
func (a *App) NATSURL() string {
	if a.server != nil {
		return a.server.ClientURL()
	}
	return a.conn.ConnectedUrlRedacted()
}

// HTTPAddr is the address that the gateway listens on.
func (a *App) HTTPAddr() string { return a.listener.Addr().String() }
