package correlator

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/overstay/overstay/events"
)

// newRecords are the records that are kept compact, empty.
var newRecords = map[string]func() coded{
	"access":   func() coded { return &access{} },
	"approval": func() coded { return &approval{} },
	"ledger":   func() coded { return &ledger{} },
}

// What is written is read as it was, whatever stands in it: every field is in the form,
// one that was added and forgotten fails here. Written again it is the same bytes, and
// no beginning of them is a record.
func TestCompactRecordsAreReadAsWritten(t *testing.T) {
	for name, empty := range newRecords {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			was := empty()
			draw(t, reflect.ValueOf(was).Elem(), "")
			b := encodeRecord(was)
			is := empty()
			if !decodeRecord(b, is) {
				t.Fatalf("%+v is not read from its own bytes\n%s", was, hex.Dump(b))
			}
			if !reflect.DeepEqual(is, was) {
				t.Fatalf("written %+v\nread    %+v", was, is)
			}
			if again := encodeRecord(is); !bytes.Equal(again, b) {
				t.Fatalf("written again it is other bytes\n%s%s", hex.Dump(b), hex.Dump(again))
			}
			if n := rapid.IntRange(0, len(b)-1).Draw(t, "cut"); decodeRecord(b[:n], empty()) {
				t.Fatalf("the first %d of %d bytes are taken for a record", n, len(b))
			}
			if decodeRecord(append(b, 0), empty()) {
				t.Fatal("a byte too many is taken for a part of the record")
			}
		}))
	}
}

// draw fills what is kept of a record. Where there may be nothing there is something
// in one draw of two, never an empty list: that is read as none.
func draw(t *rapid.T, v reflect.Value, at string) {
	some := func() bool { return rapid.Bool().Draw(t, at+"?") }
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() || f.Anonymous {
				draw(t, v.Field(i), at+"."+f.Name)
			}
		}
	case reflect.Pointer:
		if some() {
			v.Set(reflect.New(v.Type().Elem()))
			draw(t, v.Elem(), at)
		}
	case reflect.Slice:
		if some() {
			v.Set(reflect.MakeSlice(v.Type(), rapid.IntRange(1, 3).Draw(t, at+" entries"), 3))
			for i := range v.Len() {
				draw(t, v.Index(i), fmt.Sprint(at, i))
			}
		}
	case reflect.Map:
		if some() {
			v.Set(reflect.MakeMap(v.Type()))
			for range rapid.IntRange(1, 3).Draw(t, at+" entries") {
				k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
				draw(t, k, at+" key")
				draw(t, e, at+" value")
				v.SetMapIndex(k, e)
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			draw(t, v.Index(i), fmt.Sprint(at, i))
		}
	case reflect.String:
		v.SetString(rapid.OneOf(rapid.SampledFrom([]string{"", "vault://prod|1", "vault://prod|2", "a\x00b\x01c"}), rapid.String()).Draw(t, at))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, at))
	case reflect.Int, reflect.Int64:
		v.SetInt(rapid.OneOf(rapid.SampledFrom([]int64{0, int64(Ever), int64(Forever), math.MinInt64}), rapid.Int64()).Draw(t, at))
	case reflect.Uint64:
		v.SetUint(rapid.OneOf(rapid.Just(uint64(math.MaxUint64)), rapid.Uint64()).Draw(t, at))
	default:
		t.Fatalf("%s is a %s: say how it is drawn", at, v.Kind())
	}
}

// What is read would be written as the same bytes: nothing else is a record.
func FuzzCompactRecords(f *testing.F) {
	full := &access{
		Key: "lease\x00vault://prod\x00L-1", Said: stamp{2, 1, "vault://prod|1"}, Aliases: []events.ID{"vault/prod/userpass:ann"},
		Acts: []act{{T: 1, Kind: actStart, ID: "vault://prod|1", Seq: 7}}, verdict: verdict{Passed: map[string]bool{"a": true, "b": false}},
	}
	f.Add(encodeRecord(full))
	f.Add(encodeRecord(&approval{Key: "a\x00b", Gone: &grantedSum{Sources: []string{"s"}}}))
	f.Add(encodeRecord(&ledger{Key: "k", ID: "i", Closings: map[Closing]int{ClosedEnded: -1}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		for name, empty := range newRecords {
			if r := empty(); decodeRecord(b, r) && !bytes.Equal(encodeRecord(r), b) {
				t.Errorf("%x is read as an %s, which is written as %x", b, name, encodeRecord(r))
			}
		}
	})
}
