package sections

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

const (
	// MaxPlain bounds a section's plain bytes.
	MaxPlain = 3 << 20
	// MaxPacked bounds its packed ones, which may be a little more.
	MaxPacked = MaxPlain + 1<<16
	// LabelSize is what stands before each section, in bytes.
	LabelSize = 8 + labelBody

	// A skippable frame: magic number, length of the rest, the rest.
	skippable = 0x184D2A50
	labelBody = 20

	// maxSections fits the number beside the kind.
	maxSections = 1 << 24
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Label says what the section after it must be.
type Label struct {
	Kind          byte
	Number        int
	Packed, Plain int // bytes
	crc           uint32
}

func (l Label) encode() []byte {
	b := make([]byte, 0, LabelSize)
	b = binary.LittleEndian.AppendUint32(b, skippable)
	b = binary.LittleEndian.AppendUint32(b, labelBody)
	b = binary.LittleEndian.AppendUint32(b, uint32(l.Kind)<<24|uint32(l.Number))
	b = binary.LittleEndian.AppendUint32(b, uint32(l.Packed))
	b = binary.LittleEndian.AppendUint32(b, uint32(l.Plain))
	b = binary.LittleEndian.AppendUint32(b, l.crc)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func decodeLabel(b []byte) (Label, error) {
	if crc32.Checksum(b[:LabelSize-4], castagnoli) != binary.LittleEndian.Uint32(b[LabelSize-4:]) {
		return Label{}, errors.New("its label fails its checksum")
	}
	if binary.LittleEndian.Uint32(b) != skippable || binary.LittleEndian.Uint32(b[4:]) != labelBody {
		return Label{}, errors.New("it has no label")
	}
	first := binary.LittleEndian.Uint32(b[8:])
	l := Label{
		Kind: byte(first >> 24), Number: int(first & (maxSections - 1)),
		Packed: int(binary.LittleEndian.Uint32(b[12:])), Plain: int(binary.LittleEndian.Uint32(b[16:])), crc: binary.LittleEndian.Uint32(b[20:]),
	}
	if l.Packed > MaxPacked || l.Plain > MaxPlain {
		return Label{}, fmt.Errorf("its label tells of %d bytes, packed %d", l.Plain, l.Packed)
	}
	return l, nil
}
