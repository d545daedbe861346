package badger

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"syscall"

	badgerdb "github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"

	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/journal"
)

const (
	// memTableSize bounds a transaction: Badger takes 15 % of it, here 5 MB or
	// 52,000 entries. It must never become smaller in a later version: Badger
	// ends the process when it finds a write-ahead log of a larger table.
	memTableSize = 32 << 20
	// maxValue keeps every value out of the value log, whose garbage collection
	// has brought deleted keys back (badger issues 2286 and 2310).
	maxValue = 1<<20 - 64
	// maxKey leaves room for the prefix under Badger's own limit of 65,000.
	maxKey = 64_000
	// DefaultReserve is room for the files that Badger makes in one go: the log
	// of a memtable, a flushed table, and the output of two compactions.
	DefaultReserve = 256 << 20
)

// Options of a store; the zero value is good.
type Options struct {
	Logger *slog.Logger // default: slog.Default()
	// Reserve is how many bytes must stay free on the disk: below it, Open and
	// Commit fail with store.ErrDiskFull. 0 means DefaultReserve.
	Reserve uint64
}

// Store is a store.Store in a folder.
type Store struct {
	dir     string
	reserve uint64
	db      *badgerdb.DB
	rooms   rooms
	views   views

	commit sync.Mutex // one commit at a time
	failed error      // the commit error after which nothing is certain

	mu   sync.RWMutex
	head journal.Record
}

var _ store.Store = (*Store)(nil)

// Open opens the store in dir, or makes a new one, and verifies it. Errors:
// store.ErrCorrupt, after which OpenFresh and a rebuild are the way on; a
// *LockedError; store.ErrDiskFull; else what the operating system said.
func Open(dir string, o Options) (*Store, error) {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Reserve == 0 {
		o.Reserve = DefaultReserve
	}
	s := &Store{dir: dir, reserve: o.Reserve}
	if err := s.prepare(); err != nil {
		return nil, fmt.Errorf("opening the state in %s: %w", dir, err)
	}
	db, err := openDB(dir, o.Logger)
	if err != nil {
		return nil, fmt.Errorf("opening the state in %s: %w", dir, err)
	}
	s.db = db
	if s.rooms, err = roomsOf(db); err != nil {
		// What is stored is as safe as ever; only the memory budget is not.
		o.Logger.Error("the rooms in which Badger builds tables are not found and not given back: under load it has held 432 MB of them, beyond the memory budget", "dir", dir, "error", err)
	}
	if s.head, err = openJournal(db); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the state in %s: %w", dir, err), db.Close())
	}
	s.renew()
	return s, nil
}

// renew has reads see the last commit.
func (s *Store) renew() { s.views.renew(s.db.NewTransaction(false)) }

// prepare checks what Badger would answer with its own death.
func (s *Store) prepare() error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	if err := checkLock(s.dir); err != nil {
		return err
	}
	if err := s.checkSpace(); err != nil {
		return err
	}
	return checkTables(s.dir)
}

// openDB tries twice: a kill can leave a log file behind that was made and not
// yet sized. The first Open sizes it and fails, the second one succeeds.
func openDB(dir string, log *slog.Logger) (*badgerdb.DB, error) {
	opt := dbOptions(dir, log)
	db, err := badgerdb.Open(opt)
	if err == nil {
		return db, nil
	}
	log.Warn("the state did not open; trying once more", "dir", dir, "error", err)
	if db, err = badgerdb.Open(opt); err == nil {
		return db, nil
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, lockedError(dir)
	}
	if environmental(err) {
		return nil, err
	}
	// Badger's errors about damage have no type. What is not the operating
	// system's is taken for damage; a needless rebuild costs only time.
	return nil, fmt.Errorf("%w: %w", store.ErrCorrupt, err)
}

// environmental reports whether err is about the machine and not about what the
// files hold.
func environmental(err error) bool {
	for _, target := range []error{
		fs.ErrPermission, syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS,
		syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EIO,
	} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

func dbOptions(dir string, log *slog.Logger) badgerdb.Options {
	return badgerdb.DefaultOptions(dir).
		WithLogger(logger{log}).
		WithSyncWrites(true).
		WithDetectConflicts(false). // one goroutine commits
		WithMemTableSize(memTableSize).
		WithNumMemtables(1). // each is 42 MB of memory; one that is written to, one that waits, one being flushed
		WithNumCompactors(2).
		WithValueThreshold(maxValue + 64).
		WithValueLogFileSize(16 << 20).
		// Without compression blocks are read from the page cache, which the
		// kernel takes back when memory is short, and need no cache of ours.
		WithCompression(options.None).
		WithBlockCacheSize(0).
		WithMetricsEnabled(false).
		// On a checksum error a read would skip the block and say "not found".
		// See the package comment for what is done instead.
		WithChecksumVerificationMode(options.NoVerification)
}

// Close flushes what is in memory and releases the files.
func (s *Store) Close() error {
	s.views.renew(nil)
	s.commit.Lock()
	defer s.commit.Unlock()
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("closing the state in %s: %w", s.dir, err)
	}
	return nil
}
