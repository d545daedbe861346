// Package strictyaml reads the YAML that people write for Overstay, and tells
// them everything that is wrong with it at once, each problem with its line.
//
// A format is a table of [Reader]s: what may stand where, and into which field it
// goes. Whatever the tables do not name is a problem, never ignored, because a
// misspelt "gracee" that is silently dropped is an alert that never comes:
//
//	source.Read(strictyaml.Object(strictyaml.Fields{
//		"grace": strictyaml.Duration(&p.Grace, 0, time.Hour),
//	}))
//
// The subset of YAML is small on purpose. Anchors, aliases, merge keys, tags and
// several documents in one file are refused: they make a file mean something else
// than it says, and a policy is read by auditors.
//
// May import the YAML parser and the standard library; knows nothing of policies
// or configuration. It opens no file.
package strictyaml
