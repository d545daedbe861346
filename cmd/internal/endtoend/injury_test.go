package endtoend

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
)

// injury is one damage.
type injury struct {
	image, file string
	at          int
	bit         int // -1: the file ends at at
}

func (i injury) String() string {
	what := fmt.Sprintf("bit %d of byte %d", i.bit, i.at)
	if i.bit < 0 {
		what = fmt.Sprintf("cut at byte %d", i.at)
	}
	return fmt.Sprintf("%s %s %s", i.image, i.file, what)
}

// inflict gives the image with the damage.
func (i injury) inflict(img image) image {
	img = maps.Clone(img)
	c := img[i.file]
	if i.bit < 0 {
		img[i.file] = content{c.data[:min(i.at, len(c.data))], int64(i.at)}
		return img
	}
	data := make([]byte, max(len(c.data), i.at+1))
	copy(data, c.data)
	data[i.at] ^= 1 << i.bit
	img[i.file] = content{data, c.size}
	return img
}

// kind is the files of one kind in one image.
type kind struct {
	image, kind string
	files       []string
	bytes       int
}

func (d *damaged) kinds() []kind {
	byName := map[[2]string]kind{}
	for name, img := range d.images {
		for file, c := range img {
			if name == "behind" && !strings.HasPrefix(kindOf(file), "events") {
				continue // what is damaged is what the state does not know yet
			}
			k := byName[[2]string{name, kindOf(file)}]
			k.image, k.kind, k.files, k.bytes = name, kindOf(file), append(k.files, file), k.bytes+c.used()
			byName[[2]string{name, k.kind}] = k
		}
	}
	out := slices.Collect(maps.Values(byName))
	slices.SortFunc(out, func(a, b kind) int { return strings.Compare(a.kind+a.image, b.kind+b.image) })
	for _, k := range out {
		slices.Sort(k.files)
	}
	return out
}

// choose draws n injuries: each kind of file in turn, those that hold what was
// told three times as often.
func (d *damaged) choose(rng *rand.Rand, n int, cut bool) []injury {
	var from []kind
	for _, k := range d.kinds() {
		if k.bytes == 0 || !strings.Contains(k.kind, *damageOnly) {
			continue
		}
		from = append(from, k)
		if ext := filepath.Ext(k.kind); ext == ".blk" || ext == ".mem" || ext == ".sst" {
			from = append(from, k, k)
		}
	}
	rng.Shuffle(len(from), func(i, j int) { from[i], from[j] = from[j], from[i] })
	var out []injury
	for i := 0; len(out) < n; i++ {
		k := from[i%len(from)]
		file := k.files[rng.IntN(len(k.files))]
		used := d.images[k.image][file].used()
		if used == 0 {
			continue // it is empty
		}
		in := injury{image: k.image, file: file, at: rng.IntN(used), bit: rng.IntN(8)}
		if cut {
			in.bit = -1
		}
		out = append(out, in)
	}
	return out
}
