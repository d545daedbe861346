package policy

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// Whatever the text, Load returns, gives a policy or problems within the text,
// and gives the same again.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(files, "testdata/full.yaml") {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		policy, err := Load("fuzz", text)
		if (policy == nil) == (err == nil) {
			t.Fatalf("policy %v and error %v", policy, err)
		}
		if err != nil {
			if len(problemLines(t, err)) == 0 {
				t.Fatal("an error without a problem")
			}
		} else if policy.Hash != Hash(text) {
			t.Fatal("the hash is not the text's")
		}
		again, err2 := Load("fuzz", text)
		if !reflect.DeepEqual(err, err2) || (policy == nil) != (again == nil) {
			t.Fatalf("once %v, then %v", err, err2)
		}
	})
}
