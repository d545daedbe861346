// Command schemagen writes the JSON Schema of each event type's data, from the
// payload structs of package events: the shape by reflection, the descriptions
// and the lists of words from the comments and constants of the source, and what
// neither can say from the table in rules.go. The files that it writes are
// committed; they are the published contract, and a test says that they are what
// the structs say today.
//
// It is run by "go generate ./events", in the folder events.
package main
