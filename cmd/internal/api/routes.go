package api

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/overstay/overstay/correlator"
)

// route is one question that may be asked.
type route struct {
	path    string
	summary string
	params  []param
	// answers is a value of the type that it answers with.
	answers any
	// replays: it plays the log.
	replays bool
	answer  func(a *API, w http.ResponseWriter, r *http.Request, q query) (any, *Problem)
}

// param is a parameter of a route. One that is in the path is required.
type param struct {
	name, what string
	kind       kind
	oneOf      []string
	inPath     bool
	required   bool
	unless     int // what a whole number is where it is left out; 0: [defaultLimit]
}

// kind is what a parameter must look like.
type kind int

const (
	text kind = iota
	whole
	instant
	cursor
)

// The bounds on what is asked.
const (
	defaultLimit = 100
	maxLimit     = 1000
	maxText      = 1024
	// maxRange is the longest time that may be asked about.
	maxRange = 400 * 24 * time.Hour
)

var (
	limitParam  = param{name: "limit", what: "How many at most, 1 to 1000; 100 where it is left out. A page may have fewer, and the last one has no next.", kind: whole}
	cursorParam = param{name: "cursor", what: "Where to go on: the next of the page before.", kind: cursor}
)

// query is what was asked, read.
type query struct {
	text  map[string]string
	times map[string]time.Time
	limit int
}

// read reads the parameters of a request. Unknown ones are refused: whoever misspells
// one would get another answer than the one asked for.
func (rt route) read(r *http.Request) (query, *Problem) {
	q := query{text: map[string]string{}, times: map[string]time.Time{}, limit: defaultLimit}
	if len(r.URL.RawQuery) > 16<<10 {
		return q, badRequest("The question is longer than 16 KiB.")
	}
	values := r.URL.Query()
	for name := range values {
		if !slices.ContainsFunc(rt.params, func(p param) bool { return p.name == name && !p.inPath }) {
			return q, badRequest("There is no parameter %.100q here.", name)
		}
	}
	for _, p := range rt.params {
		given := values[p.name]
		if p.inPath {
			given = []string{r.PathValue(p.name)}
		}
		switch {
		case (len(given) == 0 || given[0] == "" && len(given) == 1) && p.required:
			return q, badRequest("%s is missing.", p.name)
		case len(given) == 0 || given[0] == "" && len(given) == 1:
			continue
		case len(given) > 1:
			return q, badRequest("%s is given %d times.", p.name, len(given))
		}
		if bad := q.take(p, given[0]); bad != nil {
			return q, bad
		}
	}
	from, to := q.times["from"], q.times["to"]
	switch {
	case from.IsZero() || to.IsZero():
	case !from.Before(to):
		return q, badRequest("to is not after from.")
	case to.Sub(from) > maxRange:
		return q, badRequest("from and to are more than %d days apart.", int(maxRange/(24*time.Hour)))
	}
	return q, nil
}

func (q *query) take(p param, value string) *Problem {
	switch {
	case len(value) > maxText && p.kind != cursor, len(value) > 8*maxText:
		return badRequest("%s is too long.", p.name)
	case len(p.oneOf) > 0 && !slices.Contains(p.oneOf, value):
		return badRequest("%s is %.100q, and not one of %v.", p.name, value, p.oneOf)
	}
	switch p.kind {
	case whole:
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > maxLimit {
			return badRequest("%s is %.100q, and not a number from 1 to %d.", p.name, value, maxLimit)
		}
		q.limit, q.text[p.name] = n, value
	case instant:
		t, err := time.Parse(time.RFC3339, value)
		if err != nil {
			return badRequest("%s is %.100q, and not a time such as 2026-03-02T09:00:00Z.", p.name, value)
		}
		q.times[p.name] = t
	case cursor:
		place, err := cursors.DecodeString(value)
		if err != nil {
			return badRequest("%s is not one that was given out.", p.name)
		}
		q.text[p.name] = string(place)
	default:
		q.text[p.name] = value
	}
	return nil
}

// routes are all questions.
func routes() []route {
	return append(stateRoutes(), pastRoutes()...)
}

func ruleIDs() []string {
	var ids []string
	for _, r := range correlator.Rules() {
		ids = append(ids, string(r.ID))
	}
	slices.Sort(ids)
	return ids
}

func severities() []string {
	var words []string
	for s := correlator.Informational; s <= correlator.Critical; s++ {
		words = append(words, s.String())
	}
	return words
}
