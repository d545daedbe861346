package scenario

import (
	"errors"
	"regexp"
	"time"

	"github.com/overstay/overstay/correlator/policy/strictyaml"
)

// defaultDay is the day of a scenario that names none.
var defaultDay = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

var (
	clockForm  = regexp.MustCompile(`^\d\d:\d\d(:\d\d(\.\d{1,9})?)?$`)
	offsetForm = regexp.MustCompile(`^[+-]\d`)
)

// dateForms are the ways to write a moment of another day; without a zone UTC is
// meant, as everywhere in a scenario.
var dateForms = []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02T15:04"}

var errNoTime = errors.New("is not a time")

const timeHint = `write "09:05", "09:05:30", "+5m" or "2026-03-02T09:05:00Z"`

// moment reads a time as it stands in a scenario: a clock time of the scenario's
// day, an offset from base, or RFC 3339.
func moment(word string, day, base time.Time) (time.Time, error) {
	switch {
	case clockForm.MatchString(word):
		if len(word) == len("15:04") {
			word += ":00"
		}
		at, err := time.Parse("15:04:05", word)
		if err != nil {
			return time.Time{}, errNoTime
		}
		return day.Add(at.Sub(at.Truncate(24 * time.Hour))), nil
	case offsetForm.MatchString(word):
		d, err := strictyaml.ParseDuration(word[1:])
		if err != nil {
			return time.Time{}, errNoTime
		}
		if word[0] == '-' {
			d = -d
		}
		return base.Add(d), nil
	}
	for _, form := range dateForms {
		if at, err := time.Parse(form, word); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, errNoTime
}

// clockOf writes a time the way [moment] reads it, as short as the day allows.
func clockOf(at, day time.Time) string {
	if since := at.Sub(day); since >= 0 && since < 24*time.Hour {
		return at.Format("15:04:05.999999999")
	}
	return at.Format(time.RFC3339Nano)
}
