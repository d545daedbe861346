package draw

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestTicks: from seconds to centuries there are a few, at round times, and never more
// than there is room for.
func TestTicks(t *testing.T) {
	begin := time.Date(2026, 2, 27, 22, 58, 13, 0, time.UTC)
	for span, want := range map[time.Duration]string{
		20 * time.Second:      "22:58:15[Fri 27 Feb 2026] 22:58:20 22:58:25 22:58:30",
		95 * time.Minute:      "23:00[Fri 27 Feb 2026] 23:15 23:30 23:45 00:00[Sat 28 Feb 2026] 00:15 00:30",
		30 * time.Hour:        "00:00[Sat 28 Feb 2026] 06:00 12:00 18:00 00:00[Sun 1 Mar 2026]",
		9 * 24 * time.Hour:    "Feb 28[2026] Mar 2 Mar 4 Mar 6 Mar 8",
		200 * 24 * time.Hour:  "Mar 2026 Apr 2026 May 2026 Jun 2026 Jul 2026 Aug 2026 Sep 2026",
		9000 * 24 * time.Hour: "Jan 2031 Jan 2036 Jan 2041 Jan 2046",
	} {
		var got []string
		for _, k := range (axis{begin, begin.Add(span)}).ticks(8) {
			label := k.label
			if k.day != "" {
				label += "[" + k.day + "]"
			}
			got = append(got, label)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("over %s: %q, not %q", span, strings.Join(got, " "), want)
		}
	}
	for span := time.Second; span < 40*365*day; span += span/4 + time.Millisecond {
		for most := 4; most <= 12; most++ {
			if n := len((axis{begin, begin.Add(span)}).ticks(most)); n > most || n == 0 && span > 20*time.Second {
				t.Fatalf("over %s with room for %d there are %d", span, most, n)
			}
		}
	}
}

// TestFit: whatever the letters, a column keeps its width.
func TestFit(t *testing.T) {
	for _, s := range []string{"", "short", strings.Repeat("long ", 20), "数据库管理员权限组成员资格", "e\u0301e\u0301e\u0301", "🙂🙂🙂🙂🙂🙂🙂🙂"} {
		for _, columns := range []int{1, 5, 8, 25} {
			if got := fit(s, columns); cellsOf(got) != columns {
				t.Errorf("%q in %d columns is %q, %d wide", s, columns, got, cellsOf(got))
			}
		}
		for _, l := range wrap(s, 10) {
			if cellsOf(l) > 10 {
				t.Errorf("%q has a line %q", s, l)
			}
		}
	}
}

func TestLasting(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 1500 * time.Millisecond: "2s", 59 * time.Second: "59s", 34 * time.Minute: "34m", 22*time.Minute + 45*time.Second: "22m45s",
		65 * time.Minute: "1h5m", 26 * time.Hour: "1d2h", 12 * day: "12 days",
	} {
		if got := lasting(d); got != want {
			t.Errorf("%s is %q, not %q", d, got, want)
		}
	}
	if got := fmt.Sprint(shorten("d76ea90d-269e-5bc2-8c0f-7145b8927bab", 14)); got != "d76ea90…927bab" {
		t.Errorf("shortened it is %q", got)
	}
}
