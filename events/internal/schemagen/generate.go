package main

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/overstay/overstay/events"
)

const (
	dialect   = "https://json-schema.org/draft/2020-12/schema"
	base      = "https://overstay.dev/schemas/"
	indexName = "README.md"
)

// generate makes every file by name. dir is the folder of package events.
func generate(dir string) (map[string][]byte, error) {
	c, err := readComments(dir)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{indexName: index(c)}
	for _, typ := range events.Types() {
		name := typ.Short() + ".json"
		b := builder{comments: c, defs: map[string]schema{}}
		if files[name], err = b.root(typ, base+name).encode(); err != nil {
			return nil, fmt.Errorf("writing the schema of %s: %w", typ, err)
		}
	}
	return files, nil
}

// builder makes one file.
type builder struct {
	comments *comments
	defs     map[string]schema
	order    []string // of defs, as they are met
}

func (b *builder) root(typ events.Type, id string) schema {
	s := b.object(reflect.TypeOf(events.NewData(typ)).Elem())
	s.Dialect, s.ID, s.Title = dialect, id, "data of "+string(typ)
	if name, ok := required[typ]; ok {
		s.Required = append(s.Required, name)
	}
	for _, name := range b.order {
		s.Defs = append(s.Defs, member{name, b.defs[name]})
	}
	return s
}

func (b *builder) object(t reflect.Type) schema {
	s := schema{Description: b.comments.types[t.Name()], Type: "object", Closed: no()}
	b.addFields(&s, t)
	if rule := across[t.Name()]; rule != nil {
		rule(&s)
	}
	return s
}

func (b *builder) addFields(s *schema, t reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			b.addFields(s, f.Type)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		key := t.Name() + "." + name
		always := options == "" && !mayBeMissing[key]
		m := b.value(f.Type, always)
		if list, ok := wordLists[key]; ok {
			b.addWords(&m, list)
		}
		if rule := rules[key]; rule != nil {
			rule(&m)
		}
		m.Description = strings.TrimSpace(b.comments.fields[t.Name()+"."+f.Name] + " " + m.Description)
		s.Properties = append(s.Properties, member{name, m})
		if always {
			s.Required = append(s.Required, name)
		}
	}
}

// value is the schema of one Go type; filled says that a string may not be empty.
func (b *builder) value(t reflect.Type, filled bool) schema {
	switch t {
	case reflect.TypeFor[time.Time]():
		return schema{Type: "string", Format: "date-time", Pattern: timePattern}
	case reflect.TypeFor[events.Duration]():
		return schema{Type: "string", Pattern: durationPattern}
	case reflect.TypeFor[events.ID]():
		return b.define("id", func() schema {
			return schema{Description: b.comments.types["ID"], Type: "string", Pattern: textPattern, MinLength: 1,
				MaxLength: events.MaxIDLen, Not: &schema{Pattern: `^[a-z0-9._/-]+:$`}}
		})
	}
	switch t.Kind() {
	case reflect.Pointer:
		return b.value(t.Elem(), filled)
	case reflect.Bool:
		return schema{Type: "boolean"}
	case reflect.Int, reflect.Uint64:
		return integer(0, maxExact)
	case reflect.String:
		return b.text(t, filled)
	case reflect.Slice:
		items := b.value(t.Elem(), true)
		return schema{Type: "array", Items: &items}
	case reflect.Map:
		s := schema{Type: "object", Closed: no()}
		for _, w := range b.comments.words[t.Key().Name()] {
			s.Properties = append(s.Properties, member{w.value, b.value(t.Elem(), true)})
		}
		return s
	default:
		name := strings.ToLower(t.Name()[:1]) + t.Name()[1:]
		return b.define(name, func() schema { return b.object(t) })
	}
}

func (b *builder) text(t reflect.Type, filled bool) schema {
	s := schema{Type: "string"}
	if _, ok := b.comments.words[t.Name()]; ok {
		b.addWords(&s, t.Name())
		return s
	}
	s.Pattern, s.MaxLength = textPattern, events.MaxText
	if filled {
		s.MinLength = 1
	}
	return s
}

// addWords lists the words and says what each means.
func (b *builder) addWords(s *schema, list string) {
	s.Pattern, s.MinLength, s.MaxLength = "", 0, 0
	var said []string
	for _, w := range b.comments.words[list] {
		s.Enum = append(s.Enum, w.value)
		if w.comment != "" {
			said = append(said, fmt.Sprintf("%q: %s", w.value, strings.TrimSuffix(w.comment, ".")))
		}
	}
	if len(said) > 0 {
		s.Description = "Words: " + strings.Join(said, "; ") + "."
	}
}

// define puts a schema under $defs once and refers to it.
func (b *builder) define(name string, make func() schema) schema {
	if _, ok := b.defs[name]; !ok {
		b.defs[name] = schema{} // holds the place, should the type name itself
		b.order = append(b.order, name)
		b.defs[name] = make()
	}
	return schema{Ref: "#/$defs/" + name}
}
