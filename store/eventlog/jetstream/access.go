package jetstream

import (
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"

	"github.com/nats-io/nats-server/v2/server"
)

// Credentials are a token, or a user with a password. Read them from a file; they
// never show in a log line or an error.
type Credentials struct {
	User     string
	Password string
	Token    string
}

// String hides the secret from %v.
func (c Credentials) String() string { return "credentials(hidden)" }

// GoString hides the secret from %#v.
func (c Credentials) GoString() string { return c.String() }

// LogValue hides the secret from slog.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

func (c Credentials) complete() bool {
	return (c.Token != "") != (c.User != "" && c.Password != "")
}

// accounts keeps subscribers apart from the log. Permissions alone cannot: the
// server checks what a client publishes to, but not the reply subject that it
// names, nor where a push consumer delivers, and both would end up as messages in
// our streams (measured on 2.15.2). In SUBSCRIBERS there is no stream; a request
// that crosses over gets its reply subject replaced by one of the server's.
//
// Nobody there may create a consumer: a push consumer delivers inside the account
// of the stream, on a subject that only the body of the request names, where no
// permission is looked at (nats-server #8274 is open). Alerts are read by plain
// subscription, by direct get, or through a durable pull consumer that Open made.
//
// The server gives every account "$JS.API.>" of its own, which would answer first
// that SUBSCRIBERS has no JetStream. So ours is imported under SubscriberAPI.
const accounts = `
accounts {
  OVERSTAY {
    jetstream: enabled
    exports: [
      { stream: "overstay.alerts.>" }
      { stream: "overstay.sealed.>" }
      { stream: "overstay.status.>" }
      { service: "$JS.API.STREAM.INFO.OVERSTAY_ALERTS" }
      { service: "$JS.API.STREAM.MSG.GET.OVERSTAY_ALERTS" }
      { service: "$JS.API.DIRECT.GET.OVERSTAY_ALERTS", response: stream }
      { service: "$JS.API.DIRECT.GET.OVERSTAY_ALERTS.>" }
      { service: "$JS.API.CONSUMER.INFO.OVERSTAY_ALERTS.*" }
      { service: "$JS.API.CONSUMER.MSG.NEXT.OVERSTAY_ALERTS.*", response: stream }
      { service: "$JS.ACK.OVERSTAY_ALERTS.>" }
    ]
  }
  SUBSCRIBERS {
    imports: [
      { stream: { account: OVERSTAY, subject: "overstay.alerts.>" } }
      { stream: { account: OVERSTAY, subject: "overstay.sealed.>" } }
      { stream: { account: OVERSTAY, subject: "overstay.status.>" } }
      { service: { account: OVERSTAY, subject: "$JS.API.STREAM.INFO.OVERSTAY_ALERTS" }, to: "overstay.api.STREAM.INFO.OVERSTAY_ALERTS" }
      { service: { account: OVERSTAY, subject: "$JS.API.STREAM.MSG.GET.OVERSTAY_ALERTS" }, to: "overstay.api.STREAM.MSG.GET.OVERSTAY_ALERTS" }
      { service: { account: OVERSTAY, subject: "$JS.API.DIRECT.GET.OVERSTAY_ALERTS" }, to: "overstay.api.DIRECT.GET.OVERSTAY_ALERTS" }
      { service: { account: OVERSTAY, subject: "$JS.API.DIRECT.GET.OVERSTAY_ALERTS.>" }, to: "overstay.api.DIRECT.GET.OVERSTAY_ALERTS.>" }
      { service: { account: OVERSTAY, subject: "$JS.API.CONSUMER.INFO.OVERSTAY_ALERTS.*" }, to: "overstay.api.CONSUMER.INFO.OVERSTAY_ALERTS.*" }
      { service: { account: OVERSTAY, subject: "$JS.API.CONSUMER.MSG.NEXT.OVERSTAY_ALERTS.*" }, to: "overstay.api.CONSUMER.MSG.NEXT.OVERSTAY_ALERTS.*" }
      { service: { account: OVERSTAY, subject: "$JS.ACK.OVERSTAY_ALERTS.>" } }
    ]
  }
}
`

// SubscriberAPI is the JetStream API prefix of a subscriber on an embedded server:
// nats --js-api-prefix overstay.api consumer next OVERSTAY_ALERTS <durable>.
const SubscriberAPI = "overstay.api"

const defaultAPI = "$JS.API"

const (
	ownAccount        = "OVERSTAY"
	subscriberAccount = "SUBSCRIBERS"
)

// gate decides who a client is. It knows digests, not secrets, and compares them
// in constant time.
type gate struct {
	own        [32]byte  // this process
	reviewer   [32]byte  // reads log and alerts
	operator   *[32]byte // everything
	subscriber *[32]byte // reads alerts
	anonymous  bool      // no credentials at all: reads alerts; loopback only
	durables   []string

	lookup func(account string) (*server.Account, error)
}

func newGate(own, reviewer Credentials, o Options) *gate {
	g := &gate{own: own.digest(), reviewer: reviewer.digest(), durables: o.Durables}
	if o.Operator != nil {
		d := o.Operator.digest()
		g.operator = &d
	}
	if o.Subscriber != nil {
		d := o.Subscriber.digest()
		g.subscriber = &d
	}
	g.anonymous = g.operator == nil && g.subscriber == nil
	return g
}

func (c Credentials) digest() [32]byte {
	return sha256.Sum256([]byte(c.User + "\x00" + c.Password + "\x00" + c.Token))
}

// Check implements server.Authentication.
func (g *gate) Check(c server.ClientAuthentication) bool {
	if c.Kind() != server.CLIENT {
		return false
	}
	o := c.GetOpts()
	given := Credentials{User: o.Username, Password: o.Password, Token: o.Token}
	d := given.digest()
	same := func(want *[32]byte) bool {
		return want != nil && subtle.ConstantTimeCompare(d[:], want[:]) == 1
	}
	switch {
	case same(&g.own):
		return g.admit(c, "overstay", ownAccount, nil)
	case same(&g.reviewer):
		return g.admit(c, "reviewer", ownAccount, lookBack())
	case same(g.operator):
		return g.admit(c, "operator", ownAccount, nil)
	case same(g.subscriber):
		return g.admit(c, "subscriber", subscriberAccount, readOnly(g.durables))
	case g.anonymous && given == Credentials{}:
		return g.admit(c, "anonymous", subscriberAccount, readOnly(nil))
	}
	return false
}

func (g *gate) admit(c server.ClientAuthentication, name, account string, p *server.Permissions) bool {
	acc, err := g.lookup(account)
	if err != nil {
		return false
	}
	c.RegisterUser(&server.User{Username: name, Account: acc, Permissions: p})
	return true
}

// readOnly lists what a subscriber may do; all else is refused. An anonymous one
// gets no durable: whoever may name any reply subject can acknowledge for it.
func readOnly(durables []string) *server.Permissions {
	publish := []string{
		SubscriberAPI + ".STREAM.INFO.OVERSTAY_ALERTS",
		SubscriberAPI + ".STREAM.MSG.GET.OVERSTAY_ALERTS",
		SubscriberAPI + ".DIRECT.GET.OVERSTAY_ALERTS",
		SubscriberAPI + ".DIRECT.GET.OVERSTAY_ALERTS.>",
	}
	for _, d := range durables {
		publish = append(publish,
			SubscriberAPI+".CONSUMER.INFO.OVERSTAY_ALERTS."+d,
			SubscriberAPI+".CONSUMER.MSG.NEXT.OVERSTAY_ALERTS."+d,
			"$JS.ACK.OVERSTAY_ALERTS."+d+".>")
	}
	return &server.Permissions{
		Publish: &server.SubjectPermission{Allow: publish},
		Subscribe: &server.SubjectPermission{Allow: []string{
			"overstay.alerts.>", "overstay.sealed.>", "overstay.status.>", "_INBOX.>",
		}},
	}
}

// lookBack lists what a reviewer may do: read the log and the alerts. The consumer
// that reading needs could be made to deliver where nobody checks (see accounts),
// so these credentials are only for whoever may read the store's files anyhow.
func lookBack() *server.Permissions {
	api := func(what string) string { return defaultAPI + "." + what }
	return &server.Permissions{
		Publish: &server.SubjectPermission{Allow: []string{
			api("STREAM.INFO.OVERSTAY_EVENTS"), api("STREAM.MSG.GET.OVERSTAY_EVENTS"),
			api("CONSUMER.CREATE.OVERSTAY_EVENTS.>"), api("CONSUMER.INFO.OVERSTAY_EVENTS.*"),
			api("CONSUMER.MSG.NEXT.OVERSTAY_EVENTS.*"), api("CONSUMER.DELETE.OVERSTAY_EVENTS.*"),
			api("STREAM.INFO.OVERSTAY_ALERTS"), api("STREAM.MSG.GET.OVERSTAY_ALERTS"),
			api("DIRECT.GET.OVERSTAY_ALERTS"), api("DIRECT.GET.OVERSTAY_ALERTS.>"),
		}},
		Subscribe: &server.SubjectPermission{Allow: []string{"_INBOX.>"}},
	}
}
