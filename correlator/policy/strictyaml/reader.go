package strictyaml

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Reader takes one value into a field.
type Reader struct {
	read func(Value)
	keys []string // the keys below it that it knows, "members[].role"
}

// Func makes a reader of a function, for what the others cannot say.
func Func(read func(Value)) Reader { return Reader{read: read} }

// Then reads with r and afterwards looks at the value again: for checks that
// need several keys at once.
func (r Reader) Then(check func(Value)) Reader {
	return Reader{keys: r.keys, read: func(v Value) {
		r.read(v)
		check(v)
	}}
}

// IfSound is Then for checks that would only repeat what r has reported.
func (r Reader) IfSound(check func(Value)) Reader {
	return Reader{keys: r.keys, read: func(v Value) {
		before := len(v.doc.problems)
		r.read(v)
		if len(v.doc.problems) == before {
			check(v)
		}
	}}
}

// Instead lets f take the value first; r reads it only where f does not.
func (r Reader) Instead(f func(Value) bool) Reader {
	return Reader{keys: r.keys, read: func(v Value) {
		if !f(v) {
			r.read(v)
		}
	}}
}

// Read takes v in; a reader made of others passes values on with it.
func (r Reader) Read(v Value) { r.read(v) }

// Keys lists every key below r that has a name, sorted, as "http.tls.cert" and
// "members[].role". It is how a test knows that the reference is complete.
func (r Reader) Keys() []string { return slices.Compact(slices.Sorted(slices.Values(r.keys))) }

// Fields are the keys that a mapping may have.
type Fields map[string]Reader

// Object reads a mapping with fixed keys. Unknown keys and keys that come twice
// are problems; of a key that comes twice both values are read, so that their
// own problems are told too.
func Object(fields Fields) Reader {
	names := make([]string, 0, len(fields))
	var keys []string
	for name, r := range fields {
		names = append(names, name)
		keys = append(keys, name)
		for _, k := range r.keys {
			keys = append(keys, join(name, k))
		}
	}
	return Reader{keys: keys, read: func(v Value) {
		v.each(func(p pair) {
			r, known := fields[p.name]
			if !known {
				p.key.Report(DidYouMean(p.name, names), "is not a known key")
				return
			}
			r.read(p.value)
		})
	}}
}

// Choice reads a mapping whose key named by says which of several tables the
// other keys are of: {type: vault, …}.
func Choice(by string, chosen *string, tables map[string]Fields) Reader {
	words := slices.Sorted(maps.Keys(tables))
	objects := map[string]Reader{}
	var keys []string
	for _, word := range words {
		fields := maps.Clone(tables[word])
		fields[by] = Word(chosen, words...)
		objects[word] = Object(fields)
		keys = append(keys, objects[word].keys...)
	}
	return Reader{keys: keys, read: func(v Value) {
		word, ok := v.Key(by)
		if !ok {
			if v.Lacks(by) {
				v.Report(by+" is one of "+strings.Join(words, ", "), "has no %s", by)
			} else {
				v.wrongType("a mapping")
			}
			return
		}
		if text, ok := word.scalar(); ok && objects[text].read != nil {
			objects[text].read(v)
			return
		}
		Word(chosen, words...).read(word)
	}}
}

// each calls f for every entry of a mapping, and reports keys that come twice.
func (v Value) each(f func(pair)) {
	pairs, ok := v.pairs()
	if !ok {
		return
	}
	seen := make(map[string]int, len(pairs))
	for _, p := range pairs {
		if line, twice := seen[p.name]; twice {
			p.key.Report("", "comes twice; the first is on line %d", line)
		} else {
			seen[p.name] = p.key.Line()
		}
		f(p)
	}
}

// Map reads a mapping whose keys are names that the writer chose. item gets the
// key, and a value to report on it, and returns the reader of what stands behind.
// It is called once with an empty name and no value, to learn the keys.
func Map(item func(name string, key Value) Reader) Reader {
	var keys []string
	for _, k := range item("", Value{}).keys {
		keys = append(keys, join("*", k))
	}
	return Reader{keys: keys, read: func(v Value) {
		v.each(func(p pair) { item(p.name, p.key).read(p.value) })
	}}
}

// List reads a list into a slice. item returns the reader of one element.
func List[T any](into *[]T, item func(*T) Reader) Reader {
	var keys []string
	for _, k := range item(new(T)).keys {
		keys = append(keys, join("[]", k))
	}
	return Reader{keys: keys, read: func(v Value) {
		*into = (*into)[:0:0]
		v.Items(func(_ int, element Value) {
			var t T
			item(&t).read(element)
			*into = append(*into, t)
		})
	}}
}

// Items calls f for each element of a list; it reports anything else, and an
// empty list, which says nothing and is more likely forgotten than meant.
func (v Value) Items(f func(i int, element Value)) {
	list, ok := v.node.(*ast.SequenceNode)
	if !ok {
		v.wrongType("a list")
		return
	}
	if len(list.Values) == 0 {
		v.Report("remove the key", "is an empty list")
		return
	}
	for i, e := range v.Elements() {
		f(i, e)
	}
}

// Elements are the elements of a list, for a second look at one that was read;
// of anything else there are none.
func (v Value) Elements() []Value {
	list, ok := v.node.(*ast.SequenceNode)
	if !ok {
		return nil
	}
	out := make([]Value, len(list.Values))
	for i, n := range list.Values {
		end := v.end
		if i+1 < len(list.Values) {
			end = first(list.Values[i+1]).Position.Line
		}
		out[i] = v.doc.value(n, fmt.Sprintf("%s[%d]", v.path, i), end)
	}
	return out
}

// Key is what stands behind a key of a mapping, for a second look at one that
// was read.
func (v Value) Key(name string) (Value, bool) {
	var nodes []*ast.MappingValueNode
	switch n := v.node.(type) {
	case *ast.MappingNode:
		nodes = n.Values
	case *ast.MappingValueNode:
		nodes = []*ast.MappingValueNode{n}
	}
	for _, n := range nodes {
		if n.Key.GetToken().Value == name {
			p, ok := v.pair(n, v.end)
			return p.value, ok
		}
	}
	return Value{}, false
}

// Lacks reports whether v is a mapping without that key.
func (v Value) Lacks(name string) bool {
	_, has := v.Key(name)
	return v.IsMapping() && !has
}

// IsMapping reports whether v has keys.
func (v Value) IsMapping() bool {
	_, ok := v.node.(*ast.MappingNode)
	return ok
}

func join(path, below string) string {
	if len(below) > 0 && below[0] == '[' {
		return path + below
	}
	return path + "." + below
}
