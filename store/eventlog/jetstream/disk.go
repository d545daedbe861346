package jetstream

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

const defaultMaxStore = 10 << 30

// maxStore is the default size of the store: half of what the volume has for us,
// so that the state beside it fits too, and no more than 10 GiB. What the store
// already occupies counts as free, else every restart would shrink it.
func maxStore(dir string) (int64, error) {
	free, err := freeBytes(dir)
	if err != nil {
		return 0, fmt.Errorf("jetstream: free space of %s: %w", dir, err)
	}
	used, err := usedBytes(dir)
	if err != nil {
		return 0, fmt.Errorf("jetstream: size of %s: %w", dir, err)
	}
	return min(defaultMaxStore, (free+used)/2), nil
}

func usedBytes(dir string) (int64, error) {
	var sum int64
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		sum += info.Size()
		return nil
	})
	return sum, err
}
