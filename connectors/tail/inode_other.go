//go:build !unix

package tail

import "io/fs"

// inode knows no numbers here; files are then told apart by their first bytes.
func inode(fs.FileInfo) (device, number uint64) { return 0, 0 }

// hasName takes it that a file has a name for as long as it is open: Windows
// removes none before.
func hasName(fs.FileInfo) bool { return true }
