// Package draw shows a [review.History]: as text for a terminal of 80 columns, as an
// SVG picture, as an HTML page that needs nothing but itself, and as the JSON Lines
// that Timesketch imports.
//
// Every form is made of the same parts: an axis with ticks that read well (axis.go),
// rows (rows.go), where many lanes of one kind without anything remarkable become
// one, and the words for what is shown (words.go). The same history gives the same
// bytes.
//
// What is drawn comes from outside: names are of anybody's making. Control and
// direction characters are replaced, and everything is escaped for where it goes.
//
// It imports correlator/review and events, and writes to what it is given.
package draw
