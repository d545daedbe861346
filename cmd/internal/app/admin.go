package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/overstay/overstay/cmd/internal/backup"
)

// AdminSocket is the socket in the data folder on which the program does what only
// the owner of that folder may ask for. Who may open the folder could read all of
// it anyhow, so no other credentials are asked for; no token of a sender gets in.
const AdminSocket = "admin.sock"

// BackupPath is where a backup is streamed from, on the socket.
const BackupPath = "/v1/backup"

// openAdmin listens on the socket. Without one the program runs as well, and says
// what it cannot do.
func (a *App) openAdmin(ctx context.Context) error {
	path := a.dir(AdminSocket)
	// The lock on the state says that no other process listens there.
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("clear away the socket of an earlier run: %w", err)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "unix", path)
	if err == nil {
		err = os.Chmod(path, 0o600)
	}
	if err != nil {
		a.log.Warn("there is no socket for overstay backup, which then needs a stop, nor for an operator's commands", "socket", path, "error", err)
		return nil
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+BackupPath, a.serveBackup)
	a.serveOperator(mux)
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }, ConnContext: withPeer}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	a.onClose("admin socket", func(context.Context) error {
		err := s.Close()
		if served := <-done; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	})
	return nil
}

// backupFailed is the trailer with why a backup ended early: by then the answer has
// begun.
const backupFailed = "Overstay-Backup-Failed"

// serveBackup streams a backup. One that fails ends with the reason, and its manifest,
// which comes last, is missing.
func (a *App) serveBackup(w http.ResponseWriter, r *http.Request) {
	if err := a.awaitState(r.Context()); err != nil {
		a.log.Error("a backup was refused", "error", err)
		answer(w, func() (any, error) { return nil, err })
		return
	}
	w.Header().Set("Content-Type", "application/x-tar")
	w.Header().Set("Trailer", backupFailed)
	if err := a.Backup(r.Context(), w); err != nil {
		a.log.Error("a backup failed", "error", err)
		w.Header().Set(backupFailed, strings.ReplaceAll(err.Error(), "\n", "; "))
		return
	}
	a.log.Info("a backup was taken")
}

// stateWithin bounds how long a backup waits for a server that has just been started.
const stateWithin = 5 * time.Second

// awaitState waits until there is a state to back up: right after a start there is
// none yet, or it is just being made again.
func (a *App) awaitState(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stateWithin)
	defer cancel()
	err := a.engine.WaitApplied(ctx, 1)
	if err == nil {
		return nil
	}
	why := "nothing is applied yet"
	if notReady := a.engine.Ready(ctx); notReady != nil {
		why = notReady.Error()
	}
	return fmt.Errorf("there is no state yet, and so nothing to back up (%s): try again once overstay status says that its verdicts are up to date", why)
}

// NoServerError means that nothing listens on a data folder's socket.
type NoServerError struct{ Err error }

func (e *NoServerError) Error() string { return "no server runs on the data folder: " + e.Err.Error() }

// Unwrap gives the cause.
func (e *NoServerError) Unwrap() error { return e.Err }

// BackupOnline asks the program that runs on a data folder for a backup.
func BackupOnline(ctx context.Context, dataDir string, w io.Writer) error {
	client := adminClient(dataDir)
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://overstay"+BackupPath, nil)
	if err != nil {
		return fmt.Errorf("ask for a backup: %w", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("ask for a backup: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("ask for a backup: %w", refusal(resp))
	}
	if _, err := io.Copy(w, resp.Body); err != nil {
		return fmt.Errorf("receive a backup: the server ended, or the connection to it: %w", err)
	}
	if why := resp.Trailer.Get(backupFailed); why != "" {
		return fmt.Errorf("receive a backup: the server failed: %s", why)
	}
	return nil
}

// WriteBackup writes a backup into a file, through the program that runs on the
// data folder or, where none does, by itself; and verifies it before it has the
// name. An existing file is left alone.
func WriteBackup(ctx context.Context, o Options, path string) (m backup.Manifest, err error) {
	if _, err := os.Lstat(path); err == nil {
		return m, &StateError{path + " is there already", "choose another name, or remove it"}
	}
	part, err := os.OpenFile(path+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return m, fmt.Errorf("begin the backup: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(part.Name()))
		}
	}()
	err = BackupOnline(ctx, o.Config.DataDir, part)
	var none *NoServerError
	if errors.As(err, &none) {
		err = BackupOffline(ctx, o, part)
	}
	if err == nil {
		err = part.Sync()
	}
	if err = errors.Join(err, part.Close()); err != nil {
		return m, err
	}
	f, err := backup.Open(ctx, part.Name())
	if err != nil {
		return m, fmt.Errorf("read the backup back: %w", err)
	}
	return f.Manifest, os.Rename(part.Name(), path)
}
