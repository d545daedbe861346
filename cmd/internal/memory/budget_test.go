package memory

import (
	"runtime/debug"
	"slices"
	"testing"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]Budget{"512MiB": Default, "384MiB": Least, "2GiB": 2 << 30, "1TiB": Most} {
		if got, err := Parse(text); got != want || err != nil {
			t.Errorf("%s is %s, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"":           `"" is not a size`,
		"512":        `"512" is not a size`,
		"512MB":      `"512MB" is not a size`,
		"-1GiB":      `"-1GiB" is not a size`,
		"383MiB":     "383MiB is not between 384MiB and 1TiB",
		"2TiB":       "2TiB is not between 384MiB and 1TiB",
		"9999999TiB": `"9999999TiB" is not a size`,
	} {
		if got, err := Parse(text); err == nil || err.Error() != want {
			t.Errorf("%s is %s, %v", text, got, err)
		}
	}
}

// TestAllOfItFits: what is kept on purpose, what must be there and what an answer may
// hold are no more than what the runtime may have.
func TestAllOfItFits(t *testing.T) {
	for _, b := range []Budget{Least, Default, 4 << 30, Most} {
		all := needed + int64(b.Records())*recordBytes + int64(b.Replay())
		if all > b.limit() || b.Records() < fewest {
			t.Errorf("%s: %d records, %d bytes of %d", b, b.Records(), all, b.limit())
		}
	}
}

// govern governs as in an environment, and gives the runtime back as it was. What the
// runtime reads from the variables at its start is told to it here.
func govern(t *testing.T, env map[string]string, limit int64) (c Chosen, percent int) {
	t.Helper()
	limitBefore, percentBefore := debug.SetMemoryLimit(limit), debug.SetGCPercent(77)
	defer func() {
		debug.SetMemoryLimit(limitBefore)
		debug.SetGCPercent(percentBefore)
	}()
	c = Default.Govern(func(name string) string { return env[name] })
	if is := debug.SetMemoryLimit(-1); is != c.Limit {
		t.Errorf("%v: the limit is %d, and %d is told", env, is, c.Limit)
	}
	return c, debug.SetGCPercent(77)
}

// TestTheEnvironmentIsKeptTo: who says GOGC or GOMEMLIMIT means it.
func TestTheEnvironmentIsKeptTo(t *testing.T) {
	const none = 1<<63 - 1
	for _, c := range []struct {
		env     map[string]string
		limit   int64 // what the runtime has made of GOMEMLIMIT
		want    Chosen
		percent int
	}{
		{nil, none, Chosen{480 << 20, "400", nil}, 400},
		{map[string]string{"GOGC": "50"}, none, Chosen{480 << 20, "50", []string{"GOGC"}}, 77},
		{map[string]string{"GOMEMLIMIT": "300MiB"}, 300 << 20, Chosen{300 << 20, "400", []string{"GOMEMLIMIT"}}, 400},
		{map[string]string{"GOMEMLIMIT": "off"}, none, Chosen{none, "100", []string{"GOMEMLIMIT"}}, 77},
		{map[string]string{"GOGC": "off", "GOMEMLIMIT": "1GiB"}, 1 << 30, Chosen{1 << 30, "off", []string{"GOGC", "GOMEMLIMIT"}}, 77},
	} {
		got, percent := govern(t, c.env, c.limit)
		if got.Limit != c.want.Limit || got.Percent != c.want.Percent || !slices.Equal(got.Environment, c.want.Environment) || percent != c.percent {
			t.Errorf("%v: %+v and %d %%, not %+v and %d %%", c.env, got, percent, c.want, c.percent)
		}
	}
}
