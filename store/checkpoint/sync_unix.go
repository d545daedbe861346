//go:build unix

package checkpoint

import (
	"errors"
	"fmt"
	"os"
)

// syncDir makes a name durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open the folder of checkpoints: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync the folder of checkpoints: %w", err)
	}
	return nil
}
