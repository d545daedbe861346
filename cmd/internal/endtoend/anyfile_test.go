package endtoend

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	flips       = flag.Int("flips", 3, "how many single bits are flipped in files of the data folder")
	truncations = flag.Int("truncations", 2, "how many files of the data folder are cut")
	damageSeed  = flag.Uint64("damage-seed", 0, "seed of the places; 0 takes one from the clock")
	damageOnly  = flag.String("damage-kind", "", "damage only files of the kinds that contain this")
)

// TestDamageToAnyFileIsNeverSilent: one bit of one file in the data folder is
// flipped, or the file is cut, while the program does not run. The next life must
// refuse to begin with a reason, or say loudly what it has lost, or behave as if
// nothing had happened: every alert that was published is still to be read, and
// the incidents that go on come to the same end as without damage.
func TestDamageToAnyFileIsNeverSilent(t *testing.T) {
	t.Parallel()
	seed := *damageSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d (-damage-seed)", seed)
	began := time.Now()
	d := prepare(t)
	rng := rand.New(rand.NewPCG(seed, 0))
	injuries := append(d.choose(rng, *flips, false), d.choose(rng, *truncations, true)...)
	var table outcomes
	t.Run("injuries", func(t *testing.T) {
		for i, in := range injuries {
			t.Run(fmt.Sprintf("%d %s", i, in), func(t *testing.T) {
				t.Parallel()
				table.add(in, d.suffer(t, in))
			})
		}
	})
	t.Logf("%d bit flips and %d truncations in %s:\n%s", *flips, *truncations, time.Since(began).Round(time.Second), &table)
}

// loud are the words by which the program says that something is wrong with what
// it keeps.
var loud = []string{
	"a new epoch begins", "the log reports lost messages", "the log has a hole", "failed its check", "alerts were lost from the alert stream",
}

// suffer plays a damaged image and judges how it went.
func (d *damaged) suffer(t *testing.T, in injury) string {
	t.Helper()
	r := d.play(t, in.image, in.inflict(d.images[in.image]))
	if r.refused != "" {
		if !strings.Contains(r.refused, "serve: ") || strings.Contains(r.said, "goroutine ") {
			t.Errorf("it does not begin, and does not say why:\n%s", r.said)
		}
		return "refused: " + r.refused
	}
	differ := d.differences(r)
	var said []string
	for _, words := range loud {
		if strings.Contains(r.said, words) {
			said = append(said, words)
		}
	}
	if len(r.damage) > 0 {
		said = append(said, "OV-025")
	}
	switch {
	case len(differ) == 0 && len(said) == 0:
		return "as if nothing had happened"
	case len(differ) == 0:
		return "the same, and says: " + strings.Join(said, ", ")
	case len(said) > 0:
		t.Logf("%d differences: %.2000s\n%s", len(differ), strings.Join(differ, "\n"), r.said)
		return "another outcome, and says: " + strings.Join(said, ", ")
	}
	t.Errorf("%d differences, and not a word: %.2000s\n%s", len(differ), strings.Join(differ, "\n"), r.said)
	return "SILENT"
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}

// outcomes counts by file kind and outcome.
type outcomes struct {
	mu     sync.Mutex
	counts map[string]int
}

func (o *outcomes) add(in injury, outcome string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.counts == nil {
		o.counts = map[string]int{}
	}
	what := "flip"
	if in.bit < 0 {
		what = "cut"
	}
	o.counts[fmt.Sprintf("%-7s %-30s %-4s %s", in.image, kindOf(in.file), what, outcome)]++
}

func (o *outcomes) String() string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(o.counts)) {
		fmt.Fprintf(&b, "%4d  %s\n", o.counts[k], k)
	}
	return b.String()
}
