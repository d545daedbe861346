package connectortest

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// checkSecrets looks for the fixture's secrets in everything that leaves the
// source: in a whole run, and in one that fails.
func checkSecrets(t *testing.T, s Suite) []error {
	whole := s.full(t)
	failed := s.runWith(t, nil, func(context.Context, *recording, func()) error { return errRefused })
	errs := whole.faults
	for _, rec := range []*recording{whole, failed} {
		for _, secret := range s.Secrets {
			for _, form := range forms(secret) {
				errs = append(errs, leaks(rec, form)...)
			}
		}
	}
	return errs
}

// forms are the spellings in which a secret is looked for.
func forms(secret string) []string {
	out := []string{secret}
	quoted := strconv.Quote(secret)
	for _, f := range []string{
		quoted[1 : len(quoted)-1],
		base64.StdEncoding.EncodeToString([]byte(secret)),
		base64.RawURLEncoding.EncodeToString([]byte(secret)),
		url.QueryEscape(secret),
	} {
		if f != secret {
			out = append(out, f)
		}
	}
	return out
}

// leaks names each place where the secret shows. It does not print the secret:
// test logs are kept, too.
func leaks(rec *recording, secret string) []error {
	var errs []error
	look := func(where, text string) {
		if strings.Contains(text, secret) {
			errs = append(errs, fmt.Errorf("a secret (%d bytes, beginning with %.3q) shows in %s", len(secret), secret, where))
		}
	}
	for i, b := range rec.batches {
		for _, st := range b.said {
			look(fmt.Sprintf("batch %d, event %s %q", i, st.event.Type.Short(), strings.ReplaceAll(st.event.ID, secret, "<secret>")), st.text)
		}
		look(fmt.Sprintf("the cursor of batch %d", i), string(b.cursor))
	}
	for i, sk := range rec.skips {
		look(fmt.Sprintf("skip %d", i), fmt.Sprint(sk.reason, " ", sk.place, " ", sk.err))
	}
	for _, w := range rec.waits {
		look("what it waits for", w)
	}
	if rec.err != nil {
		look("the error of Run", rec.err.Error())
	}
	look("the log", rec.log.String())
	return errs
}
