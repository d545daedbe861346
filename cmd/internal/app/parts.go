package app

import (
	"github.com/overstay/overstay/correlator/engine"
	"github.com/overstay/overstay/store/eventlog"
	"github.com/overstay/overstay/store/eventlog/jetstream"
)

// The parts that a demonstration or a test works with itself: it ticks the engine
// when Options.Manual is set, and reads what went in and what came out.

// Engine applies the log.
func (a *App) Engine() *engine.Engine { return a.engine }

// Events is the log of everything that can change an alert.
func (a *App) Events() eventlog.Log { return a.streams.Events() }

// Alerts reads what was published, as a subscriber does.
func (a *App) Alerts() eventlog.AlertsReader { return a.streams.AlertsReader() }

// Reviewer are the credentials by which the log of an embedded server is read;
// false with an existing one.
func (a *App) Reviewer() (jetstream.Credentials, bool) {
	if a.server == nil {
		return jetstream.Credentials{}, false
	}
	return a.server.Reviewer(), true
}
