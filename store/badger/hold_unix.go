//go:build unix

package badger

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Hold takes the lock of a store's folder without opening the store, so that no
// server starts on a data folder while somebody looks back on it. A *LockedError
// where one runs.
func Hold(dir string) (release func() error, err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("hold %s: %w", dir, err)
	}
	switch err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); {
	case errors.Is(err, unix.EWOULDBLOCK):
		return nil, errors.Join(lockedError(dir), f.Close())
	case err != nil:
		return nil, errors.Join(fmt.Errorf("trying the lock of %s: %w", dir, err), f.Close())
	}
	return f.Close, nil
}

// checkLock looks whether somebody holds Badger's lock, and lets go at once:
// Badger takes it itself.
func checkLock(dir string) error {
	release, err := Hold(dir)
	if err != nil {
		return err
	}
	return release()
}
