package cli

import (
	"fmt"
	"os"
	"strings"

	"github.com/overstay/overstay/cmd/internal/app"
	"github.com/overstay/overstay/cmd/internal/config"
	"github.com/overstay/overstay/connectors/httppush"
)

// announce leaves the addresses for the other commands, and tells a person where
// everything is and what to do next. file is the configuration's, "" without one.
func announce(s Streams, file string, cfg *config.Config, a *app.App) error {
	e := endpoints{HTTP: httpURL(cfg, a.HTTPAddr()), NATS: natsURL(a.NATSURL())}
	if r, ok := a.Reviewer(); ok {
		e.Reviewer = &login{User: r.User, Password: r.Password}
	}
	if err := e.write(cfg.DataDir); err != nil {
		return err
	}
	p := painter(colourful(s.Out))
	var b strings.Builder
	section := func(title string, lines ...string) {
		fmt.Fprintf(&b, "\n%s\n", p.paint(bold, title))
		for _, line := range lines {
			fmt.Fprintf(&b, "  %s\n", harmless(line, ""))
		}
	}
	fmt.Fprintf(&b, "overstay %s is running.\n", ownVersions().Version)
	where := []string{
		"HTTP        " + e.HTTP + doors(cfg),
		"NATS        " + e.NATS,
		"config      " + configOf(file),
		"data        " + cfg.DataDir,
		"memory      " + cfg.Memory.String(),
		"policy      " + policyOf(cfg),
	}
	for i, c := range connectorsOf(cfg) {
		label := "connectors  "
		if i > 0 {
			label = "            "
		}
		where = append(where, label+c)
	}
	section("Where", where...)
	section("Subscribe", subscribing(cfg, e)...)
	section("Send", sending(cfg, e)...)
	section("Look", "overstay status"+flagUnless("--server", e.HTTP, defaultHTTP)+httpNeeds(cfg))
	if _, err := fmt.Fprintln(s.Out, b.String()); err != nil {
		return fmt.Errorf("tell where everything is: %w", err)
	}
	return nil
}

func httpURL(cfg *config.Config, addr string) string {
	scheme := "http://"
	if cfg.HTTP.TLS.Cert != "" {
		scheme = "https://"
	}
	return scheme + reachable(addr)
}

func natsURL(url string) string {
	scheme, hostport, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	return scheme + "://" + reachable(hostport)
}

func doors(cfg *config.Config) string {
	if n := len(cfg.HTTP.Clients); n > 0 {
		return fmt.Sprintf("  (%s with tokens)", count(n, "client"))
	}
	return "  (whoever reaches it may send)"
}

// usualConfig is what a configuration is called in the documentation.
const usualConfig = "overstay.yaml"

// configOf names the configuration. No file is read unasked, and who has one here may
// think that it was.
func configOf(file string) string {
	if file != "" {
		return file
	}
	if _, err := os.Stat(usualConfig); err == nil {
		return "none: the defaults (" + usualConfig + " is here; --config " + usualConfig + " reads it)"
	}
	return "none: the defaults"
}

func policyOf(cfg *config.Config) string {
	if cfg.Policy.File == "" {
		return "none written: the default rules"
	}
	return cfg.Policy.File
}

func connectorsOf(cfg *config.Config) []string {
	if len(cfg.Connectors) == 0 {
		return []string{"none configured: events come by HTTP"}
	}
	var out []string
	for _, c := range cfg.Connectors {
		out = append(out, c.Type+" "+c.Name)
	}
	return out
}

// flagUnless is a flag for an example, left out where the default would do.
func flagUnless(flag, value, usual string) string {
	if value == usual {
		return ""
	}
	return " " + flag + " " + value
}

// httpNeeds are the flags without which a client is not let in, or does not believe
// whom it speaks to.
func httpNeeds(cfg *config.Config) string {
	needs := ""
	if len(cfg.HTTP.Clients) > 0 {
		needs += " --token-file FILE"
	}
	if needsAuthority(cfg.HTTP.TLS.Cert, cfg.HTTP.TLS.Key) {
		needs += " --ca FILE"
	}
	return needs
}

// natsAuthority is the file of the certificates to trust of a NATS server, as an
// example names it: "" where none is needed.
func natsAuthority(cfg *config.Config) string {
	switch {
	case cfg.NATS.URL != "":
		return cfg.NATS.TLS.CA
	case needsAuthority(cfg.NATS.TLS.Cert, cfg.NATS.TLS.Key):
		return "FILE"
	}
	return ""
}

func subscribing(cfg *config.Config, e endpoints) []string {
	login, note := "", "overstay alerts --follow"+flagUnless("--nats", e.NATS, defaultNATS)
	if cfg.NATS.Subscriber != nil || cfg.NATS.Operator != nil || cfg.NATS.URL != "" {
		login = " --user USER --password PASSWORD"
		note += " --user USER --password-file FILE"
	}
	if ca := natsAuthority(cfg); ca != "" {
		login += " --tlsca " + ca
		note += " --ca " + ca
	}
	return []string{"nats" + flagUnless("--server", e.NATS, defaultNATS) + login + " sub 'overstay.alerts.>'", note}
}

func sending(cfg *config.Config, e endpoints) []string {
	header := ""
	if len(cfg.HTTP.Clients) > 0 {
		header = " -H \"Authorization: Bearer $TOKEN\""
	}
	if needsAuthority(cfg.HTTP.TLS.Cert, cfg.HTTP.TLS.Key) {
		header += " --cacert FILE"
	}
	return []string{
		"overstay emit" + flagUnless("--to", e.HTTP, defaultHTTP) + httpNeeds(cfg) + " FILE",
		"curl" + header + " -H 'Content-Type: application/cloudevents+json' -d @event.json " + e.HTTP + httppush.Path,
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
