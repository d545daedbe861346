package api

import (
	"context"
	_ "embed"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/store"
)

// Prefix is what the paths begin with.
const Prefix = "/v1/"

// Options say what the API reads.
type Options struct {
	// Look reads the correlator's state as of one commit, and fails while there is
	// none.
	Look func(fn func(v *correlator.View, at store.Position)) error
	// Past is the log to be played again, new for each time.
	Past func(context.Context) (*review.Source, error)
	// Within bounds a replay in time, Growth in how many bytes more the process may
	// hold meanwhile. Zero: 10 minutes, 1 GiB.
	Within time.Duration
	Growth uint64
	// Program names the version that answers, for reports.
	Program string
	Log     *slog.Logger
}

// API answers questions.
type API struct {
	o Options
	// replaying holds one token: who has it plays the log.
	replaying chan struct{}
	held      func() uint64 // how many bytes the process holds
}

// New makes an API.
func New(o Options) *API {
	if o.Within == 0 {
		o.Within = 10 * time.Minute
	}
	if o.Growth == 0 {
		o.Growth = 1 << 30
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &API{o: o, replaying: make(chan struct{}, 1), held: held}
}

//go:embed openapi.json
var document []byte

// Register adds the routes to a mux; guard decides who may ask. The description of
// the API is for everybody who may reach it.
func (a *API) Register(mux *http.ServeMux, guard func(http.Handler) http.Handler) {
	for _, r := range routes() {
		mux.Handle("GET "+r.path, guard(a.handler(r)))
	}
	mux.HandleFunc("GET "+Prefix+"openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		head(w, "application/json")
		_, _ = w.Write(document) // a client that has gone away cannot be told more
	})
}

// handler reads the parameters that a route has, and sends what it answers.
func (a *API) handler(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		q, p := r.read(req)
		var out any
		if p == nil {
			out, p = r.answer(a, w, req, q)
		}
		if p != nil {
			p.write(w, a.o.Log, req)
			return
		}
		body, err := json.Marshal(out)
		if err != nil {
			failed(err).write(w, a.o.Log, req)
			return
		}
		head(w, "application/json")
		_, _ = w.Write(append(body, '\n')) // as above
	})
}

func head(w http.ResponseWriter, media string) {
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
}

// look reads the state.
func (a *API) look(fn func(v *correlator.View, at store.Position)) *Problem {
	if err := a.o.Look(fn); err != nil {
		return notReady(err)
	}
	return nil
}
