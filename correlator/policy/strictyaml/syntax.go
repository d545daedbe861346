package strictyaml

import (
	"errors"
	"strings"

	"github.com/goccy/go-yaml"
)

// reportSyntax notes where the parser gave up, and what to do about it.
func (d *document) reportSyntax(err error) {
	var located yaml.Error
	if !errors.As(err, &located) || located.GetToken() == nil {
		_, hint := syntaxHint("")
		d.report(1, 1, "", hint, err.Error())
		return
	}
	message, hint := syntaxHint(located.GetMessage())
	d.reportToken(located.GetToken(), hint, message)
}

// syntaxHint says what to do about an error of the parser's, by its words: it gives
// them no numbers. Those of a tab are changed, which would be shown as a space.
func syntaxHint(message string) (said, hint string) {
	for _, known := range []struct{ words, hint string }{
		{"sequence end token", `close the list with "]"`},
		{"flow mapping end token", `close the braces with "}"`},
		{"',' or ']' must be specified", `put "," between the elements, or close the list with "]"`},
		{"',' or '}' must be specified", `put "," between the entries, or close the braces with "}"`},
		{"could not find '[' character", `remove the "]", or put the text in quotes`},
		{"could not find '{' character", `remove the "}", or put the text in quotes`},
		{"end character of", "end the text with the quote that it begins with"},
		{"mapping value is not allowed", `put text that holds ": " in quotes, begin a mapping on a line of its own, and indent its keys alike`},
		{"value is not allowed in this context", "indent the keys of one mapping alike, and close no more brackets than are open"},
		{"non-map value is specified", `write each entry of a mapping as "key: value", indented alike`},
		{"unexpected key name", `write each entry of a mapping as "key: value", on a line of its own`},
	} {
		if strings.Contains(message, known.words) {
			return message, known.hint
		}
	}
	if strings.Contains(message, "'\t'") || strings.Contains(message, "tab character") {
		return "a tab stands where YAML reads only spaces", "indent with spaces"
	}
	return message, "look at the indentation, the brackets and the quotes, here and on the line before"
}
