package main

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"
)

// schema is the part of JSON Schema 2020-12 that is used here, in the order that
// a reader wants.
type schema struct {
	Dialect     string   `json:"$schema,omitempty"`
	ID          string   `json:"$id,omitempty"`
	Title       string   `json:"title,omitempty"`
	Description string   `json:"description,omitempty"`
	Ref         string   `json:"$ref,omitempty"`
	Type        string   `json:"type,omitempty"`
	Enum        []string `json:"enum,omitempty"`
	Format      string   `json:"format,omitempty"`
	Pattern     string   `json:"pattern,omitempty"`
	MinLength   int      `json:"minLength,omitempty"`
	MaxLength   int      `json:"maxLength,omitempty"`
	Minimum     *int64   `json:"minimum,omitempty"`
	Maximum     *int64   `json:"maximum,omitempty"`
	Items       *schema  `json:"items,omitempty"`
	MaxItems    int      `json:"maxItems,omitempty"`

	Properties    members  `json:"properties,omitempty"`
	Required      []string `json:"required,omitempty"`
	MinProperties int      `json:"minProperties,omitempty"`
	// Closed objects have no other members than those listed.
	Closed *bool `json:"additionalProperties,omitempty"`

	Not   *schema  `json:"not,omitempty"`
	AnyOf []schema `json:"anyOf,omitempty"`
	If    *schema  `json:"if,omitempty"`
	Then  *schema  `json:"then,omitempty"`
	Else  *schema  `json:"else,omitempty"`
	Defs  members  `json:"$defs,omitempty"`
}

// members are named schemas in the order of the struct.
type members []member

type member struct {
	name   string
	schema schema
}

// MarshalJSONTo writes an object.
func (ms members) MarshalJSONTo(enc *jsontext.Encoder) error {
	if err := enc.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, m := range ms {
		if err := enc.WriteToken(jsontext.String(m.name)); err != nil {
			return err
		}
		if err := json.MarshalEncode(enc, m.schema); err != nil {
			return err
		}
	}
	return enc.WriteToken(jsontext.EndObject)
}

func (s schema) encode() ([]byte, error) {
	b, err := json.Marshal(s, jsonv1.OmitEmptyWithLegacySemantics(true), jsontext.WithIndent("  "))
	return append(b, '\n'), err
}

func integer(min, max int64) schema {
	return schema{Type: "integer", Minimum: &min, Maximum: &max}
}

func no() *bool { return new(bool) }
