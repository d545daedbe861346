package config

import (
	"time"

	"github.com/overstay/overstay/cmd/internal/memory"
	"github.com/overstay/overstay/cmd/internal/secret"
	"github.com/overstay/overstay/correlator"
)

// Config is a whole configuration. It holds no secret.
type Config struct {
	File        string // where it was read from; "" for the defaults
	DataDir     string
	Memory      memory.Budget // what the process may keep for itself
	Checkpoints Checkpoints
	HTTP        HTTP
	NATS        NATS
	Connectors  []Connector
	Policy      Policy
	Log         Log
	Telemetry   Telemetry
}

// Checkpoints are copies of the correlator's state, in the data folder.
type Checkpoints struct {
	Every time.Duration
	Keep  int // so many of the newest; those that the log's age needs come on top
}

// HTTP is the gateway's listener, with /metrics, /healthz and /readyz.
type HTTP struct {
	Listen string
	// Clients may post events. Without any, everybody may who reaches Listen,
	// which is then on loopback.
	Clients        []Client
	TLS            TLS
	MaxConnections int
	EventRate      int // events a second of one client
}

// Client is somebody who may post events, or ask what came of them.
type Client struct {
	Name  string
	Token secret.Reference
	// Sources are the URIs it may speak for, those below them included; "*" is
	// every source.
	Sources []string
	// Reads lets it ask the review API, which tells who holds which access.
	Reads bool
}

// TLS names the files of a certificate. The key file may not be open to others.
type TLS struct {
	CA   string // whom to trust, where we are the client; "" for the system's
	Cert string
	Key  string
}

// NATS is the log: an embedded server, or an existing one where URL is set.
type NATS struct {
	URL string // comma-separated; "" for the embedded server

	// Of the embedded server.
	Listen     string
	MaxStore   int64        // bytes; 0: half of what is free, 10 GiB at most
	Operator   *Credentials // may do everything
	Subscriber *Credentials // may read alerts
	Durables   []string     // pull consumers on the alerts that Subscriber may use

	// Of an existing one.
	Login       *Credentials
	Credentials string // a .creds file
	Replicas    int

	TLS        TLS
	Events     Limits
	Alerts     Limits
	Quarantine Limits
}

// Credentials are a token, or a user with a password.
type Credentials struct {
	User     string
	Password secret.Reference
	Token    secret.Reference
}

// Limits bound a stream; zero takes the stream's own default.
type Limits struct {
	MaxAge   time.Duration
	MaxBytes int64
}

// Policy is what was decided, and the text that says so.
type Policy struct {
	File     string // where Text stands; "" where there is no policy
	Text     []byte // goes into the log, so that a replay judges alike
	Compiled *correlator.Policy
}

// Log is how the program's own log is written.
type Log struct {
	Level  string
	Format string
}

// Telemetry is where traces and metrics go besides /metrics.
type Telemetry struct {
	OTLP   string  // base URL of an OTLP/HTTP receiver; "": none
	Sample float64 // share of new traces that is kept
}

// The addresses without a configuration: this machine only.
const (
	DefaultHTTPListen = "127.0.0.1:8080"
	DefaultNATSListen = "127.0.0.1:4222"
	DefaultDataDir    = "overstay-data" // in the working directory
)

// Default is the configuration without a file.
func Default() *Config {
	return &Config{
		DataDir: DefaultDataDir, Memory: memory.Default,

		Checkpoints: Checkpoints{Every: day, Keep: 3},

		HTTP: HTTP{Listen: DefaultHTTPListen, MaxConnections: 256, EventRate: 5000},
		NATS: NATS{
			Listen: DefaultNATSListen, Replicas: 1,
			Events:     Limits{MaxAge: 90 * day},
			Alerts:     Limits{MaxAge: 400 * day},
			Quarantine: Limits{MaxAge: 90 * day},
		},
		Policy:    Policy{Compiled: correlator.DefaultPolicy()},
		Log:       Log{Level: "info", Format: "auto"},
		Telemetry: Telemetry{Sample: 1},
	}
}

const day = 24 * time.Hour
