// Package wholefile replaces small files so that a reader, and the next start after a
// crash, finds the former text or the new one, and nothing between.
package wholefile
