// Package sections is a zstd file in parts, each of which says what it must be, so
// that damage is told with its place and what is not damaged can be found again.
//
// Before each zstd frame stands a skippable frame (RFC 8878, 3.1.2), its label: the
// section's kind and number, its size packed and plain, the CRC-32C of the packed
// bytes, and the CRC-32C of the label itself. Other programs pass labels over:
// `zstd -dc` prints the plain bytes of all sections, one after the other.
//
// What the bytes mean is for the packages that use it: checkpoint and archive.
//
// Imports nothing of ours.
package sections
