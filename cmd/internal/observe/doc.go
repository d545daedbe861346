// Package observe lets people look at a running Overstay: the log, metrics,
// traces and health.
//
// [NewLogger] makes the one logger. [Start] makes the meter and tracer providers
// from [Options], with Prometheus always and OTLP over HTTP where an endpoint is
// configured; nothing is registered globally, and what it made is closed by
// [Telemetry.Shutdown]. [Metrics] holds every instrument, in one file, with
// label sets that are bounded whatever comes in: never a subject, an access or
// an alert id. [Tracing] has one span a stage (ingest, apply, publish) and
// continues the trace that an event's traceparent names. [NewHealth] answers
// /healthz and /readyz with what its checks say at that moment.
//
// docs/observability.md lists the metrics; a test keeps it and the registry the
// same.
//
// Metrics and traces describe; nothing that decides an alert may read them. May
// import events and the embedded server; the engine knows only the methods of
// [Metrics] that it calls, through an interface of its own.
package observe
