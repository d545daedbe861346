package jetstream

import (
	"fmt"
	"slices"
	"strings"
	"time"

	natsjs "github.com/nats-io/nats.go/jetstream"

	"github.com/overstay/overstay/store/eventlog"
)

// The names of the streams. One server or account holds one of each.
const (
	EventsStream     = "OVERSTAY_EVENTS"
	AlertsStream     = "OVERSTAY_ALERTS"
	QuarantineStream = "OVERSTAY_QUARANTINE"
)

// Limits bound one stream. A zero field takes the default for a new stream, and
// leaves an existing one as it is.
type Limits struct {
	MaxBytes int64
	MaxAge   time.Duration
}

// The defaults. Alerts are kept longer than events: an alert can be inserted "if
// absent" only while its first copy is kept.
const (
	day               = 24 * time.Hour
	defaultEventsAge  = 90 * day
	defaultAlertsAge  = 400 * day
	defaultQuarantine = 90 * day

	// duplicates is for how long the server knows an event's id again, which takes
	// 110 bytes of memory each. It spares the log what an append that is tried again
	// would repeat. A connector that begins again repeats more than any window holds:
	// to the correlator an event that comes twice is one.
	duplicates = 30 * time.Second
)

// A store's bytes are shared out so: events, alerts, quarantine. The rest stays
// free for batches on their way in.
const (
	eventsShare     = 0.60
	alertsShare     = 0.25
	quarantineShare = 0.10
)

// SettingsError names each way in which an existing stream contradicts what the
// log needs. It is never changed for its owner: DenyDelete and DenyPurge, for one,
// cannot be taken back.
type SettingsError struct {
	Stream      string
	Differences []string
}

func (e *SettingsError) Error() string {
	return fmt.Sprintf("jetstream: stream %s exists with other settings (%s); use another account or server, or remove it",
		e.Stream, strings.Join(e.Differences, "; "))
}

// settings are the three streams as they should be.
func settings(o StreamOptions) []natsjs.StreamConfig {
	share := func(part float64) int64 { return int64(part * float64(o.MaxStore)) }
	return []natsjs.StreamConfig{
		stream(EventsStream, "what Overstay was told, in order", eventlog.LogSubjects(), o.Replicas,
			o.Events.or(Limits{share(eventsShare), defaultEventsAge})),
		alerts(stream(AlertsStream, "what Overstay raised", eventlog.AlertStreamSubjects(), o.Replicas,
			o.Alerts.or(Limits{share(alertsShare), defaultAlertsAge}))),
		stream(QuarantineStream, "what Overstay could not read, with the reason",
			[]string{eventlog.QuarantineSubjects}, o.Replicas,
			o.Quarantine.or(Limits{share(quarantineShare), defaultQuarantine})),
	}
}

// checkAges refuses alerts that go before the events that they are about: read
// again, the events would raise them anew. An age of 0 is for ever.
func checkAges(events, alerts natsjs.StreamConfig) error {
	if alerts.MaxAge == 0 || events.MaxAge != 0 && events.MaxAge <= alerts.MaxAge {
		return nil
	}
	need := "none"
	if events.MaxAge != 0 {
		need = events.MaxAge.String() + " or more"
	}
	return &SettingsError{Stream: AlertsStream, Differences: []string{
		fmt.Sprintf("max_age is %s, needed %s, as of %s", alerts.MaxAge, need, EventsStream),
	}}
}

func (l Limits) or(d Limits) Limits {
	if l.MaxBytes == 0 {
		l.MaxBytes = d.MaxBytes
	}
	if l.MaxAge == 0 {
		l.MaxAge = d.MaxAge
	}
	return l
}

func stream(name, description string, subjects []string, replicas int, l Limits) natsjs.StreamConfig {
	return natsjs.StreamConfig{
		Name:               name,
		Description:        description,
		Subjects:           subjects,
		Retention:          natsjs.LimitsPolicy,
		Storage:            natsjs.FileStorage,
		Discard:            natsjs.DiscardNew,
		MaxBytes:           l.MaxBytes,
		MaxAge:             l.MaxAge,
		MaxMsgs:            -1,
		MaxMsgsPerSubject:  -1,
		MaxConsumers:       -1,
		MaxMsgSize:         -1,
		Replicas:           replicas,
		Duplicates:         duplicates,
		DenyDelete:         true,
		DenyPurge:          true,
		AllowAtomicPublish: name != QuarantineStream,
	}
}

// alerts are read by direct get, which needs no consumer and thus no right to
// create one.
func alerts(c natsjs.StreamConfig) natsjs.StreamConfig {
	c.AllowDirect = true
	return c
}

// differences compares what would break a promise. Sizes and ages are the
// operator's, except that there must be no way to lose a message before its age.
func differences(have, want natsjs.StreamConfig) []string {
	var out []string
	differ := func(name string, have, want any) {
		if have != want {
			out = append(out, fmt.Sprintf("%s is %v, needed %v", name, have, want))
		}
	}
	subjects := func(s []string) string { return strings.Join(slices.Sorted(slices.Values(s)), " ") }
	differ("subjects", subjects(have.Subjects), subjects(want.Subjects))
	differ("retention", have.Retention, want.Retention)
	differ("storage", have.Storage, want.Storage)
	differ("discard", have.Discard, want.Discard)
	differ("discard_new_per_subject", have.DiscardNewPerSubject, false)
	differ("num_replicas", have.Replicas, want.Replicas)
	differ("deny_delete", have.DenyDelete, true)
	differ("deny_purge", have.DenyPurge, true)
	differ("allow_rollup_hdrs", have.AllowRollup, false)
	differ("allow_msg_ttl", have.AllowMsgTTL, false)
	differ("allow_msg_counter", have.AllowMsgCounter, false)
	differ("allow_msg_schedules", have.AllowMsgSchedules, false)
	if want.Name == AlertsStream {
		want.AllowAtomicPublish = have.AllowAtomicPublish // only faster with it
	}
	differ("allow_atomic", have.AllowAtomicPublish, want.AllowAtomicPublish)
	differ("max_msgs", have.MaxMsgs, want.MaxMsgs)
	differ("max_msgs_per_subject", have.MaxMsgsPerSubject, want.MaxMsgsPerSubject)
	differ("sealed", have.Sealed, false)
	differ("no_ack", have.NoAck, false)
	differ("async persistence", have.PersistMode == natsjs.AsyncPersistMode, false)
	differ("mirror", have.Mirror != nil, false)
	differ("sources", len(have.Sources), 0)
	differ("subject_transform", have.SubjectTransform != nil, false)
	if want.AllowDirect {
		differ("allow_direct", have.AllowDirect, true)
	}
	return out
}
