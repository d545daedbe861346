package badger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"

	badgerdb "github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/fb"
	"github.com/dgraph-io/badger/v4/options"
	"github.com/dgraph-io/badger/v4/pb"
	"github.com/dgraph-io/badger/v4/table"
	"google.golang.org/protobuf/proto"

	"github.com/overstay/overstay/store"
)

// checkTables verifies every checksum of every table that the manifest names.
// Badger itself reads a damaged block as one without the key, and a damaged
// index or footer ends the process (badger issue 2333), at each start anew.
// Files that the manifest does not name are left over from a crash, and Badger
// deletes them.
func checkTables(dir string) error {
	f, err := os.Open(filepath.Join(dir, badgerdb.ManifestFilename))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a new store, or one that openJournal will find out
	}
	if err != nil {
		return err
	}
	manifest, _, err := badgerdb.ReplayManifestFile(f, 0, badgerdb.Options{})
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("%w: the list of tables: %w", store.ErrCorrupt, err)
	}
	for id, t := range manifest.Tables {
		if t.Compression != options.None || t.KeyID != 0 {
			return fmt.Errorf("%w: table %d is compressed or encrypted, which this program never does", store.ErrCorrupt, id)
		}
		path := table.NewFilename(id, dir)
		b, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("%w: table %s is missing", store.ErrCorrupt, path)
		case err != nil:
			return err
		}
		if err := checkTable(b); err != nil {
			return fmt.Errorf("%w: table %s: %w", store.ErrCorrupt, path, err)
		}
	}
	return nil
}

// checkTable verifies one. The file is blocks, index, and of the index: length,
// checksum, length of the checksum (badger table/builder.go, Copy).
func checkTable(b []byte) error {
	rest, sum, err := cutSized(b)
	if err != nil {
		return fmt.Errorf("footer: %w", err)
	}
	blocks, index, err := cutSized(rest)
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	if len(index) == 0 {
		// A file of zeros, as a power loss leaves it, has a right checksum.
		return errors.New("it is empty")
	}
	if err := checkSum(index, sum); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	// The checksum says that the index is as Badger wrote it; only now is it
	// safe to follow its offsets.
	offsets := fb.GetRootAsTableIndex(index, 0)
	var end uint64
	for i := range offsets.OffsetsLength() {
		var block fb.BlockOffset
		if !offsets.Offsets(&block, i) {
			return fmt.Errorf("index: entry %d is missing", i)
		}
		end = uint64(block.Offset()) + uint64(block.Len())
		if end > uint64(len(blocks)) {
			return fmt.Errorf("block %d ends at byte %d of %d", i, end, len(blocks))
		}
		data, sum, err := cutSized(blocks[block.Offset():end])
		if err == nil {
			err = checkSum(data, sum)
		}
		if err != nil {
			return fmt.Errorf("block %d: %w", i, err)
		}
	}
	if end == 0 || end != uint64(len(blocks)) {
		return fmt.Errorf("%d of %d bytes are in blocks", end, len(blocks))
	}
	return nil
}

// cutSized splits off the last part of b, which is followed by its length.
func cutSized(b []byte) (rest, part []byte, err error) {
	if len(b) < 4 {
		return nil, nil, fmt.Errorf("it is cut off after %d bytes", len(b))
	}
	size := uint64(binary.BigEndian.Uint32(b[len(b)-4:]))
	b = b[:len(b)-4]
	if size > uint64(len(b)) {
		return nil, nil, fmt.Errorf("a part has %d bytes, and %d are left", size, len(b))
	}
	cut := len(b) - int(size)
	return b[:cut], b[cut:], nil
}

func checkSum(data, encoded []byte) error {
	var sum pb.Checksum
	if err := proto.Unmarshal(encoded, &sum); err != nil {
		return fmt.Errorf("its checksum is unreadable: %w", err)
	}
	if sum.GetAlgo() != pb.Checksum_CRC32C || sum.GetSum() != uint64(crc32.Checksum(data, castagnoli)) {
		return errors.New("it fails its checksum")
	}
	return nil
}
