package config

import (
	"time"

	"github.com/overstay/overstay/correlator/policy/strictyaml"
)

const (
	mebi = 1 << 20
	tebi = 1 << 40
)

func (l *loader) nats() strictyaml.Reader {
	n := &l.config.NATS
	return strictyaml.Object(strictyaml.Fields{
		"url":         strictyaml.String(&n.URL, natsURLs),
		"listen":      strictyaml.String(&n.Listen, address),
		"maxStore":    strictyaml.Size(&n.MaxStore, 64*mebi, 1024*tebi),
		"operator":    l.credentials(&n.Operator),
		"subscriber":  l.credentials(&n.Subscriber),
		"durables":    strictyaml.Strings(&n.Durables, name),
		"login":       l.credentials(&n.Login),
		"credentials": l.secretFile(&n.Credentials),
		"replicas":    strictyaml.Int(&n.Replicas, 1, 5),
		"tls":         l.clientTLS(&n.TLS),
		"events":      limits(&n.Events),
		"alerts":      limits(&n.Alerts),
		"quarantine":  limits(&n.Quarantine),
	}).Then(func(v strictyaml.Value) {
		n.checkPlace(v)
		n.checkListen(v)
		n.checkAges(v)
		n.checkSizes(v)
		if n.URL != "" {
			n.Listen = "" // the default is of the embedded server, which there is none
		}
	})
}

func limits(into *Limits) strictyaml.Reader {
	return strictyaml.Object(strictyaml.Fields{
		"maxAge":   strictyaml.Duration(&into.MaxAge, time.Hour, 3660*day),
		"maxBytes": strictyaml.Size(&into.MaxBytes, 16*mebi, 1024*tebi),
	})
}

// checkPlace refuses keys of the embedded server beside those of an existing one:
// half of them would do nothing.
func (n *NATS) checkPlace(v strictyaml.Value) {
	refuse := func(hint, why string, keys ...string) {
		for _, key := range keys {
			if at, stated := v.Key(key); stated {
				at.Report(hint, "%s", why)
			}
		}
	}
	if n.URL != "" {
		refuse("set it on that server, or remove url", "is of the embedded server, and url names another",
			"listen", "maxStore", "operator", "subscriber", "durables")
	} else if v.Lacks("url") {
		refuse("add url, or remove it", "is for an existing server, and no url names one", "login", "credentials", "replicas")
		if t, ok := v.Key("tls"); ok {
			if ca, stated := t.Key("ca"); stated {
				ca.Report("add url, or remove it", "is for an existing server, and no url names one")
			}
		}
	}
	if at, stated := v.Key("credentials"); stated && !v.Lacks("login") {
		at.Report("keep one of the two", "there is a login as well")
	}
	if at, stated := v.Key("replicas"); stated && n.Replicas%2 == 0 {
		at.Report("1, 3 or 5", "is %d: an even number of copies costs more and survives no more", n.Replicas)
	}
}

// checkListen: NATS clients see who held which access, so strangers may not.
func (n *NATS) checkListen(v strictyaml.Value) {
	at, stated := v.Key("listen")
	if stated && n.URL == "" && v.Lacks("operator") && v.Lacks("subscriber") && !loopback(n.Listen) {
		at.Report("configure a subscriber, or listen on 127.0.0.1", "%q is reached from other machines, and everybody there could read the alerts", n.Listen)
	}
	if at, stated := v.Key("durables"); stated && n.URL == "" && v.Lacks("subscriber") {
		at.Report("configure a subscriber", "are for a subscriber, and there is none")
	}
}

// checkAges: an alert is inserted only if it is absent, which holds as long as
// its first copy is kept; a replay of the events must find it.
func (n *NATS) checkAges(v strictyaml.Value) {
	if n.Alerts.MaxAge >= n.Events.MaxAge {
		return
	}
	at := v
	for _, key := range []string{"events", "alerts"} {
		if stream, stated := v.Key(key); stated {
			at = stream
		}
	}
	at.Report("keep alerts at least as long as events", "alerts are kept for %s and events for %s: a replay would raise old alerts again",
		strictyaml.Days(n.Alerts.MaxAge), strictyaml.Days(n.Events.MaxAge))
}

// checkSizes: the server makes no stream that its store could not hold in full.
func (n *NATS) checkSizes(v strictyaml.Value) {
	at, stated := v.Key("maxStore")
	if sum := n.Events.MaxBytes + n.Alerts.MaxBytes + n.Quarantine.MaxBytes; stated && n.MaxStore > 0 && sum > n.MaxStore {
		at.Report("", "is %s, less than the %s of its streams", strictyaml.Bytes(n.MaxStore), strictyaml.Bytes(sum))
	}
}
