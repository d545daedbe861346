package checkpoint

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/overstay/overstay/store"
)

// format is the number of the file's layout. A file of another one is refused.
const format = 1

// Header is what a checkpoint says of itself.
type Header struct {
	Format int `json:"overstayCheckpoint"`
	// Position is that of the commit whose state this is.
	Position store.Position `json:"position"`
	// Semantics and State name the program's rules and its records' encoding.
	Semantics string    `json:"semantics"`
	State     string    `json:"state"`
	Taken     time.Time `json:"taken"` // by the machine's clock
}

// Sum is what a checkpoint's records come to.
type Sum struct {
	Records uint64 `json:"records"`
	Bytes   uint64 `json:"bytes"`  // of the records as written, before packing
	SHA256  string `json:"sha256"` // of the same: equal for equal states
}

// Info is everything about a verified checkpoint but its records.
type Info struct {
	Header
	Sum
}

// DamagedError means that a checkpoint is not as it was written.
type DamagedError struct {
	File    string
	Section int   // from 0, the header's
	Offset  int64 // where in the file the section begins, in bytes
	Err     error
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("checkpoint %s is damaged in section %d at byte %d: %v", e.File, e.Section, e.Offset, e.Err)
}

// Unwrap gives the cause.
func (e *DamagedError) Unwrap() error { return e.Err }

// The kinds of sections, in the order in which they come.
const (
	kindHeader  = 'H'
	kindRecords = 'R'
	kindSum     = 'E'
)

const (
	// sectionBytes is how many plain bytes a section is closed at. One record may
	// go beyond: keys and values are bounded by the stores, below 1.1 MiB.
	sectionBytes = 1 << 20
	maxPlain     = 3 << 20
	maxPacked    = maxPlain + 1<<16

	// A skippable frame: magic number, length of the rest, the rest.
	skippable   = 0x184D2A50
	labelBody   = 20
	labelSize   = 8 + labelBody
	maxRecorded = 2 << 20 // more than any key or value
)

// label says what the frame after it must be.
type label struct {
	kind          byte
	number        uint32
	packed, plain uint32 // bytes
	crc           uint32 // of the packed bytes
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (l label) encode() []byte {
	b := make([]byte, 0, labelSize)
	b = binary.LittleEndian.AppendUint32(b, skippable)
	b = binary.LittleEndian.AppendUint32(b, labelBody)
	b = binary.LittleEndian.AppendUint32(b, uint32(l.kind)<<24|l.number)
	b = binary.LittleEndian.AppendUint32(b, l.packed)
	b = binary.LittleEndian.AppendUint32(b, l.plain)
	b = binary.LittleEndian.AppendUint32(b, l.crc)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// maxSections fits the number beside the kind: 16 TiB of sections.
const maxSections = 1 << 24

func decodeLabel(b []byte) (label, error) {
	if crc32.Checksum(b[:labelSize-4], castagnoli) != binary.LittleEndian.Uint32(b[labelSize-4:]) {
		return label{}, fmt.Errorf("its label fails its checksum")
	}
	if binary.LittleEndian.Uint32(b) != skippable || binary.LittleEndian.Uint32(b[4:]) != labelBody {
		return label{}, fmt.Errorf("it has no label")
	}
	first := binary.LittleEndian.Uint32(b[8:])
	l := label{
		kind: byte(first >> 24), number: first & (maxSections - 1),
		packed: binary.LittleEndian.Uint32(b[12:]), plain: binary.LittleEndian.Uint32(b[16:]), crc: binary.LittleEndian.Uint32(b[20:]),
	}
	if l.packed > maxPacked || l.plain > maxPlain {
		return label{}, fmt.Errorf("its label tells of %d bytes, packed %d", l.plain, l.packed)
	}
	return l, nil
}
