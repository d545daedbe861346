package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/policy"
	"github.com/overstay/overstay/correlator/policy/strictyaml"
	"github.com/overstay/overstay/events"
)

// The paths on the admin socket by which an operator speaks.
const (
	PolicyPath = "/v1/policy"
	MarkPath   = "/v1/marks"
	ToldPath   = "/v1/told"
)

// PolicyInForce is the newest policy in the log.
type PolicyInForce struct {
	// Text is the whole policy; policy.Nothing with Hash "default" where none was ever
	// applied.
	Text string `json:"text"`
	Hash string `json:"hash"`
	By   string `json:"by,omitempty"`
	// Applied is when, Position where in the log; zero for the default.
	Applied  time.Time `json:"applied,omitzero"`
	Position uint64    `json:"position,omitempty"`
}

// InForce is the newest policy in the log.
func (a *App) InForce(ctx context.Context) (PolicyInForce, error) {
	log := a.streams.Events()
	at, err := log.LastOn(ctx, events.SubjectOf(events.Event{Type: events.PolicyApplied}))
	if err != nil || at == 0 {
		return PolicyInForce{Text: policy.Nothing, Hash: a.engine.Policy().Hash}, err
	}
	m, err := log.At(ctx, at)
	if err != nil {
		return PolicyInForce{}, fmt.Errorf("read the policy at position %d: %w", at, err)
	}
	ev, err := events.DecodeNATS(m.Header, m.Body)
	if err != nil {
		return PolicyInForce{}, fmt.Errorf("read the policy at position %d: %w", at, err)
	}
	d := ev.Data.(*events.Policy)
	return PolicyInForce{Text: d.YAML, Hash: d.Hash, By: d.By, Applied: ev.Time, Position: at}, nil
}

// ApplyPolicy puts a policy in force.
func (a *App) ApplyPolicy(ctx context.Context, text, by string) (Spoken, error) {
	if _, err := policy.LoadSource(strictyaml.Source{File: "policy", Text: []byte(text)}); err != nil {
		return Spoken{}, err
	}
	hash := policy.Hash([]byte(text))
	if now, err := a.InForce(ctx); err != nil || now.Hash == hash || now.Position == 0 && text == policy.Nothing {
		return Spoken{Position: now.Position, By: by, Unchanged: true}, err
	}
	wall := a.opts.Clock.Wall()
	ev, err := events.New(events.PolicyApplied, operatorSource, fmt.Sprintf("policy-%s-%d", hash[:16], wall.UnixNano()), wall, "",
		&events.Policy{YAML: text, Hash: hash, By: by})
	if err != nil {
		return Spoken{}, err
	}
	out, err := a.say(ctx, ev, by)
	if err == nil {
		a.log.Info("a policy was applied", "by", by, "hash", hash, "position", out.Position)
	}
	return out, err
}

// operatorSource is the source of what operators say.
const operatorSource = "overstay://operator"

// Mark takes an operator's word about alerts: what is one of acknowledged,
// suppressed, confirmed, noted.
func (a *App) Mark(ctx context.Context, what string, m events.Mark) (Spoken, error) {
	if err := selectsSomething(what, m.Selector); err != nil {
		return Spoken{}, err
	}
	wall := a.opts.Clock.Wall()
	ev, err := events.New(events.Type(events.Prefix+"operator."+what), operatorSource, fmt.Sprintf("%s-%d", what, wall.UnixNano()), wall, "", &m)
	if err != nil {
		return Spoken{}, err
	}
	out, err := a.say(ctx, ev, m.By)
	if err == nil {
		a.log.Info("an operator spoke", "what", what, "by", m.By, "position", out.Position)
	}
	return out, err
}

// alertID is what the id of an alert looks like.
var alertID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// selectsSomething refuses a selector that no alert can ever meet: a slip of the
// pen would be taken for a word that is in force. A confirmation may be about the
// clock.
func selectsSomething(what string, sel events.Selector) error {
	if sel.Alert != "" && !alertID.MatchString(sel.Alert) {
		return fmt.Errorf("%q is no alert's id: that is 32 hex digits in lower case, as overstay alerts prints them", sel.Alert)
	}
	known := slices.ContainsFunc(correlator.Rules(), func(r correlator.Rule) bool { return string(r.ID) == sel.Rule })
	if sel.Rule != "" && !known && !(sel.Rule == "clock" && what == events.OperatorConfirmed.What()) {
		return fmt.Errorf("there is no rule %q: docs/rules lists them", sel.Rule)
	}
	return nil
}

// serveOperator registers what an operator may ask for.
func (a *App) serveOperator(mux *http.ServeMux) {
	mux.HandleFunc("GET "+PolicyPath, func(w http.ResponseWriter, r *http.Request) {
		answer(w, func() (any, error) { return a.InForce(r.Context()) })
	})
	mux.HandleFunc("POST "+PolicyPath, func(w http.ResponseWriter, r *http.Request) {
		answer(w, func() (any, error) {
			text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, events.MaxPolicy))
			if err != nil {
				return nil, fmt.Errorf("read the policy: %w", err)
			}
			return a.ApplyPolicy(r.Context(), string(text), peerOf(r.Context()))
		})
	})
	mux.HandleFunc("POST "+MarkPath+"/{what}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, func() (any, error) {
			var m events.Mark
			d := json.NewDecoder(http.MaxBytesReader(w, r.Body, events.MaxBody))
			d.DisallowUnknownFields()
			if err := d.Decode(&m); err != nil {
				return nil, fmt.Errorf("read the mark: %w", err)
			}
			m.By = peerOf(r.Context()) // nobody speaks in another's name
			return a.Mark(r.Context(), r.PathValue("what"), m)
		})
	})
	mux.HandleFunc("GET "+ToldPath, func(w http.ResponseWriter, r *http.Request) {
		answer(w, func() (any, error) { return a.serveTold(r) })
	})
}

// answer sends what was asked for, or what is wrong.
func answer(w http.ResponseWriter, do func() (any, error)) {
	w.Header().Set("Content-Type", "application/json")
	out, err := do()
	if err != nil {
		w.WriteHeader(http.StatusUnprocessableEntity)
		out = map[string]string{"error": err.Error()}
	}
	_ = json.NewEncoder(w).Encode(out) // the client is gone: nobody to tell
}

// peerKey is where a connection's peer is in its context.
type peerKey struct{}

// withPeer names who is at the other end of a connection of the admin socket.
func withPeer(ctx context.Context, c net.Conn) context.Context {
	uid, err := peerUID(c)
	if err != nil {
		return context.WithValue(ctx, peerKey{}, "local")
	}
	name := "uid " + strconv.Itoa(uid)
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		name = u.Username
	}
	return context.WithValue(ctx, peerKey{}, name)
}

func peerOf(ctx context.Context) string {
	name, _ := ctx.Value(peerKey{}).(string)
	return name
}

// Ask asks the program that runs on a data folder, on its admin socket, and reads
// the answer into out. A refusal is a *RefusedError.
func Ask(ctx context.Context, dataDir, method, path string, body io.Reader, out any) error {
	client := adminClient(dataDir)
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, method, "http://overstay"+path, body)
	if err != nil {
		return fmt.Errorf("ask the server: %w", err)
	}
	resp, err := client.Do(req)
	var none *NoServerError
	if errors.As(err, &none) {
		return none // the rest is about HTTP, which nobody asked for
	}
	if err != nil {
		return fmt.Errorf("ask the server: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return refusal(resp)
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	return nil
}

// refusal reads why the server does not do what it was asked for.
func refusal(resp *http.Response) error {
	var e struct{ Error string }
	if err := json.NewDecoder(io.LimitReader(resp.Body, events.MaxBody)).Decode(&e); err != nil || e.Error == "" {
		e.Error = resp.Status
	}
	return &RefusedError{e.Error}
}

// RefusedError is what the server says against a request.
type RefusedError struct{ Why string }

func (e *RefusedError) Error() string { return e.Why }

// adminClient speaks to the admin socket of a data folder.
func adminClient(dataDir string) *http.Client {
	path := filepath.Join(dataDir, AdminSocket)
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		conn, err := d.DialContext(ctx, "unix", path)
		if err != nil {
			return nil, &NoServerError{err}
		}
		return conn, nil
	}
	return &http.Client{Transport: &http.Transport{DialContext: dial, DisableCompression: true}}
}
