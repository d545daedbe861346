package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits on one document. The parser's work grows with the square of both the
// nesting and the entries of one mapping, so they are checked on the tokens,
// before it runs.
const (
	MaxBytes   = 256 << 10
	MaxEntries = 10_000 // keys and list items together
	maxNesting = 32     // of flow collections
	maxIndent  = 256    // column of a list's dash, which bounds "- - - -"
)

// Source is a document to read, perhaps a part of a larger file.
type Source struct {
	File string // for messages only
	Text []byte
	// Line and Column are where Text begins in File, counted from 0; Path is
	// what its root is called there.
	Line, Column int
	Path         string
}

// Read parses the document and gives its root to r. An empty document reads
// nothing and is no problem. It returns all problems met, in order of the reading.
func (s Source) Read(r Reader) Problems {
	doc := &document{source: s}
	if root, ok := doc.parse(); ok && root != nil {
		r.read(doc.value(root, s.Path, bytes.Count(s.Text, []byte("\n"))+2))
	}
	return doc.problems
}

// document is one parsed source and the problems found in it.
type document struct {
	source   Source
	problems Problems
}

// report notes a problem at a place of the text; line and column count from 1.
func (d *document) report(line, column int, path, hint, message string) {
	d.problems = append(d.problems, Problem{
		File: d.source.File, Line: line + d.source.Line, Column: column + d.source.Column,
		Path: path, Message: message, Hint: hint,
	})
}

func (d *document) reportToken(tk *token.Token, hint, message string) {
	d.report(tk.Position.Line, tk.Position.Column, "", hint, message)
}

func (d *document) parse() (root ast.Node, ok bool) {
	text := d.source.Text
	switch {
	case len(text) > MaxBytes:
		d.report(1, 1, "", "", fmt.Sprintf("the document has %d bytes, more than %d", len(text), MaxBytes))
		return nil, false
	case !utf8.Valid(text):
		line, column := placeOf(text, invalidAt(text))
		d.report(line, column, "", "save the file as UTF-8", "the document is not valid UTF-8")
		return nil, false
	case bytes.HasPrefix(text, []byte("\ufeff")):
		d.report(1, 1, "", "save the file as UTF-8 without a byte order mark", "the document begins with a byte order mark")
		return nil, false
	case loneReturn(text) >= 0:
		// To YAML it ends a line, to every editor and to the places told here it does not.
		line, column := placeOf(text, loneReturn(text))
		d.report(line, column, "", "end lines with a line feed", "a carriage return stands alone")
		return nil, false
	}
	file, err := d.parseTokens(text)
	if err != nil {
		d.reportSyntax(err)
		return nil, false
	}
	if file == nil || len(file.Docs) == 0 {
		return nil, file != nil
	}
	return file.Docs[0].Body, true
}

// parseTokens returns nil and no error when the tokens were refused. The recover
// is around the third-party parser alone, which has panicked on malformed text
// before: one bad file must not take the process down with it.
func (d *document) parseTokens(text []byte) (file *ast.File, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("the document cannot be read as YAML")
		}
	}()
	// The lexer counts a line too many for a comment that ends in a carriage return,
	// and forgets a tag at the very end of a text without a final newline.
	lines := strings.ReplaceAll(string(text), "\r\n", "\n")
	tokens := lexer.Tokenize(strings.TrimSuffix(lines, "\n") + "\n")
	if !d.acceptTokens(tokens) {
		return nil, nil
	}
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey()) // duplicates are reported by Object, all of them
}

// acceptTokens enforces the limits and the subset of YAML.
func (d *document) acceptTokens(tokens token.Tokens) bool {
	before := len(d.problems)
	entries, flow := 0, 0
	for _, tk := range tokens {
		if what, hint := refused(tk); what != "" {
			d.reportToken(tk, hint, what)
		}
		switch tk.Type {
		case token.MappingValueType, token.CollectEntryType:
			entries++
		case token.SequenceEntryType:
			entries++
			if tk.Position.Column > maxIndent {
				d.reportToken(tk, "", fmt.Sprintf("a list begins at column %d, beyond %d", tk.Position.Column, maxIndent))
				return false
			}
		case token.MappingStartType, token.SequenceStartType:
			flow++
		case token.MappingEndType, token.SequenceEndType:
			flow--
		}
		if flow > maxNesting {
			d.reportToken(tk, "", fmt.Sprintf("brackets are nested more than %d deep", maxNesting))
			return false
		}
	}
	if entries > MaxEntries {
		d.report(1, 1, "", "", fmt.Sprintf("the document has %d entries, more than %d", entries, MaxEntries))
	}
	return len(d.problems) == before
}

// refused says why a token is outside of the subset, or "".
func refused(tk *token.Token) (what, hint string) {
	switch tk.Type {
	case token.AliasType:
		return `"*" begins a YAML alias, which is not read here`, `put a pattern in quotes: "*-admin"`
	case token.AnchorType:
		return `"&" begins a YAML anchor, which is not read here`, "write the value out, or put it in quotes"
	case token.MergeKeyType:
		return `"<<" is a YAML merge key, which is not read here`, "write the keys out"
	case token.TagType:
		return `"!" begins a YAML tag, which is not read here`, "write the value without a tag, or put it in quotes"
	case token.DirectiveType:
		return `"%" begins a YAML directive, which is not read here`, "remove the line"
	case token.MappingKeyType:
		return `"?" begins a YAML complex key, which is not read here`, "put the key in quotes"
	case token.DocumentHeaderType:
		if tk.Prev != nil {
			return "a second document begins here", "keep one document in one file"
		}
	}
	return "", ""
}

// loneReturn is the offset of the first carriage return that no line feed follows,
// -1 for none.
func loneReturn(text []byte) int {
	for i, b := range text {
		if b == '\r' && (i+1 == len(text) || text[i+1] != '\n') {
			return i
		}
	}
	return -1
}

// invalidAt is the offset of the first byte that is not UTF-8.
func invalidAt(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(text)
}

func placeOf(text []byte, offset int) (line, column int) {
	before := text[:offset]
	begin := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[begin:]) + 1
}
