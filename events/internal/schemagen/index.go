package main

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/overstay/overstay/events"
)

const indexHead = "# JSON Schemas\n\n" +
	"One file a type, JSON Schema 2020-12, for the `data` of the CloudEvent; [the envelope and an example of each\n" +
	"class](../events.md). The same files are embedded in the program (`events.Schema`). They describe what is\n" +
	"written. When reading, the program is as strict, and besides compares times with each other and counts\n" +
	"lengths in bytes.\n\n" +
	"Made by `go generate ./events` from the Go types. Do not edit.\n\n" +
	"Two more are of what Overstay publishes, each of the whole CloudEvent: [alert](alert.json) and\n" +
	"[seal](seal.json), explained in [alerts](../alerts.md). They are copies of those in `correlator/schema`.\n\n" +
	"| types | data |\n|---|---|\n"

// index is the table of contents: a line for each payload struct.
func index(c *comments) []byte {
	var s strings.Builder
	s.WriteString(indexHead)
	types := events.Types()
	for i := 0; i < len(types); {
		payload := reflect.TypeOf(events.NewData(types[i]))
		var links []string
		for ; i < len(types) && reflect.TypeOf(events.NewData(types[i])) == payload; i++ {
			links = append(links, fmt.Sprintf("[%[1]s](%[1]s.json)", types[i].Short()))
		}
		fmt.Fprintf(&s, "| %s | %s |\n", strings.Join(links, ", "), c.types[payload.Elem().Name()])
	}
	return []byte(s.String())
}
