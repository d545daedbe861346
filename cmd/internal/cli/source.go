package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/overstay/overstay/cmd/internal/config"
	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/policy"
	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/archive"
	"github.com/overstay/overstay/store/badger"
	"github.com/overstay/overstay/store/eventlog/jetstream"
)

// sourceHelp says what a SOURCE is, for the help of every command that takes one.
const sourceHelp = `SOURCE is what is looked back on: the address of a NATS server (nats://…), the
data folder of a server that runs on this machine or is stopped, an archive that
overstay export wrote or the folder that it was imported into, or a file of
CloudEvents, one a line ("-" for the standard input). Without one it is
` + config.DefaultDataDir + `, or the server at ` + defaultNATS + `.`

// sourceFlags are those by which a server lets somebody read its log.
type sourceFlags struct {
	access  natsAccess
	salvage bool
	server  string // of its API; only of commands that a server can answer
}

func (f *sourceFlags) addFlags(flags *pflag.FlagSet) {
	f.access.addFlags(flags)
	flags.BoolVar(&f.salvage, "salvage", false, "read what is whole of a damaged archive")
}

// atMostOneSource refuses more than one SOURCE.
func atMostOneSource(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usagef("one at a time", "%s takes one SOURCE, and %d are given", cmd.CommandPath(), len(args))
	}
	return nil
}

// sourceName is the SOURCE that is given, "" for the usual one.
func sourceName(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

// addServer adds the flag of commands that a server can answer.
func (f *sourceFlags) addServer(flags *pflag.FlagSet) {
	flags.StringVar(&f.server, "server", "", "have the server at this `URL` answer by its HTTP API, instead of a SOURCE")
}

// pastSource is a source with what has to be closed after it.
type pastSource struct {
	review.Source
	closers     []func() error
	archive     *archive.Archive // nil: it is none
	checkpoints string           // the folder of the server that keeps the log; "" is none
}

func (p *pastSource) onClose(f func() error) { p.closers = append(p.closers, f) }

// Close lets go of everything, in reverse.
func (p *pastSource) Close() error {
	var errs []error
	for _, f := range slices.Backward(p.closers) {
		errs = append(errs, f())
	}
	p.closers = nil
	return errors.Join(errs...)
}

// open opens a SOURCE, whatever it is. Nothing of it is changed.
func (f *sourceFlags) open(ctx context.Context, s Streams, name string) (_ *pastSource, err error) {
	p := &pastSource{Source: review.Source{Name: name, Compile: compilePolicy}}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Close())
		}
	}()
	named := name != ""
	if !named {
		if name, err = usualSource(); err != nil {
			return nil, err
		}
		p.Name = name
	}
	if u, err := url.Parse(name); err == nil && u.Host != "" && slices.Contains(natsSchemes(), u.Scheme) {
		nc, err := f.access.connect(ctx, name, s.Err)
		if err != nil && !named {
			return nil, orNameASource(err)
		}
		if err != nil {
			return nil, err
		}
		return p, p.fromServer(ctx, nc)
	}
	if name == "-" {
		return p, p.fromEvents(ctx, s, s.In)
	}
	st, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usagef("a SOURCE is nats://host:port, a data folder, or a file", "there is no %s", name)
	case errors.Is(err, fs.ErrPermission):
		return nil, noState(name, err)
	case err != nil:
		return nil, fmt.Errorf("open the source: %w", err)
	case st.IsDir():
		return p, f.fromFolder(ctx, s, p, name)
	}
	return p, f.fromFile(ctx, s, p, name)
}

// orNameASource adds to the hint of an error that nothing was named, and that what is
// looked for then is not all that can be.
func orNameASource(err error) error {
	var f *failure
	if !errors.As(err, &f) || f.exit != Unreachable {
		return err
	}
	return unreachablef(f.hint+" Or name a SOURCE: a data folder or an archive", "%w", err)
}

func compilePolicy(text string) (*correlator.Policy, error) {
	return policy.Load("policy", []byte(text))
}

// usualSource is the data folder where one is, else the usual address.
func usualSource() (string, error) {
	_, err := os.Stat(config.DefaultDataDir)
	if errors.Is(err, fs.ErrNotExist) {
		return defaultNATS, nil
	}
	if err != nil {
		return "", fmt.Errorf("look for the data folder: %w", err)
	}
	return config.DefaultDataDir, nil
}

// fromFolder reads a data folder: through its server where one runs on it, else by
// a server of our own that nobody else reaches.
func (f *sourceFlags) fromFolder(ctx context.Context, s Streams, p *pastSource, dir string) error {
	if _, err := os.Stat(filepath.Join(dir, importedFile)); err == nil {
		return f.fromArchive(ctx, s, p, filepath.Join(dir, importedFile))
	}
	state := filepath.Join(dir, "state")
	if _, err := os.Stat(state); err != nil {
		return noState(dir, err)
	}
	release, err := badger.Hold(state)
	var locked *badger.LockedError
	if errors.As(err, &locked) {
		return f.fromRunning(ctx, s, p, dir)
	}
	if errors.Is(err, fs.ErrPermission) {
		return noState(dir, err)
	}
	if err != nil {
		return fmt.Errorf("hold the data folder: %w", err)
	}
	p.onClose(release)
	return p.fromStopped(ctx, s, dir)
}

// noState explains why no state was found in a folder: that it may not be looked
// into says nothing of what is in it.
func noState(dir string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return failedf("run this as the user that serve runs as", "cannot read %s: %w", dir, fs.ErrPermission)
	}
	return usagef("name the folder that overstay serve keeps its data in", "%s is no data folder: it has no state in it", dir)
}

// fromRunning connects to the server that has a data folder open.
func (f *sourceFlags) fromRunning(ctx context.Context, s Streams, p *pastSource, dir string) error {
	e, err := readEndpoints(dir)
	if err != nil {
		return unreachablef("is it still starting?", "something runs on the data folder %s and does not say where it is reached: %w", dir, err)
	}
	if u, err := url.Parse(e.NATS); err != nil || !onThisMachine(u.Hostname()) {
		return failedf("give the address instead of the folder", "the address in the data folder %s is not on this machine", dir)
	}
	o, err := f.access.options()
	if err != nil {
		return err
	}
	if o.Credentials == nil && o.CredsFile == "" && e.Reviewer != nil {
		o.Credentials = &jetstream.Credentials{User: e.Reviewer.User, Password: e.Reviewer.Password}
	}
	nc, err := dial(ctx, e.NATS, o, s.Err)
	if err != nil {
		return err
	}
	p.begins(dir)
	return p.fromServer(ctx, nc)
}

// fromStopped starts a NATS server on the folder of one that is stopped.
func (p *pastSource) fromStopped(ctx context.Context, s Streams, dir string) error {
	files := filepath.Join(dir, "nats")
	if _, err := os.Stat(files); err != nil {
		return failedf("name the NATS server that keeps its log: nats://host:port", "the data folder %s holds no log", dir)
	}
	logger := slog.New(slog.NewTextHandler(s.Err, &slog.HandlerOptions{Level: slog.LevelError}))
	server, err := jetstream.Embed(ctx, jetstream.Options{Dir: files, Logger: logger})
	if err != nil {
		return fmt.Errorf("open the log in %s: %w", dir, err)
	}
	p.onClose(func() error { server.Shutdown(); return nil })
	nc, err := server.Conn(ctx)
	if err != nil {
		return fmt.Errorf("open the log in %s: %w", dir, err)
	}
	p.begins(dir)
	return p.fromServer(ctx, nc)
}

// fromServer reads a server's streams. It owns the connection from here on.
func (p *pastSource) fromServer(ctx context.Context, nc *nats.Conn) error {
	p.onClose(func() error { nc.Close(); return nil })
	var err error
	p.Log, p.Alerts, err = jetstream.OpenPast(ctx, nc, slog.New(slog.DiscardHandler))
	if err != nil {
		return unreachablef("an operator may (nats.operator in the configuration); of a server on this machine name the data folder",
			"the log of %s cannot be read: %w", harmless(p.Name, ""), err)
	}
	return p.judge(ctx)
}

// begins notes where checkpoints may be, should the log need one.
func (p *pastSource) begins(dir string) { p.checkpoints = filepath.Join(dir, "checkpoints") }

// fromFile reads an archive, or a file of events.
func (f *sourceFlags) fromFile(ctx context.Context, s Streams, p *pastSource, path string) error {
	switch is, err := archive.Is(path); {
	case err != nil:
		return err
	case is || f.salvage:
		return f.fromArchive(ctx, s, p, path)
	}
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open the source: %w", err)
	}
	return errors.Join(p.fromEvents(ctx, s, file), file.Close())
}

// fromArchive reads an archive, every byte of which is looked at first.
func (f *sourceFlags) fromArchive(ctx context.Context, s Streams, p *pastSource, path string) error {
	bar := newProgress(s.Err, "look through "+path, "MB", 1e-6)
	a, err := openArchive(path, f.salvage, bar)
	bar.end()
	if err != nil {
		return err
	}
	p.onClose(a.Close)
	for _, m := range a.Missing() {
		if _, err := fmt.Fprintf(s.Err, "overstay: bytes %d to %d of %s cannot be read: %s\n", m.Offset, m.Until, harmless(path, ""), m); err != nil {
			return fmt.Errorf("tell what is missing: %w", err)
		}
	}
	p.Log, p.Alerts, p.archive = a.Log(), a.Alerts(), a
	if c := a.Header().Checkpoint; c != nil && len(a.Missing()) == 0 {
		p.After, p.Begin = c.Position.Seq, func(context.Context) (store.Store, error) { return loadPast(a.State) }
	}
	if n := len(a.Missing()); n > 0 {
		p.Label = review.Label{Strength: review.Cold, Reason: fmt.Sprintf("%s of a damaged archive could not be read", count(n, "part"))}
		return nil
	}
	p.Label, err = review.LabelOf(ctx, p.Log, p.Begin != nil)
	if h := a.Header(); err == nil && h.Semantics != correlator.SemanticsID && p.Label.Strength == review.Strong {
		p.Label = review.Label{Strength: review.Weak, Reason: fmt.Sprintf("it was exported under semantics %q, and this program has %q", h.Semantics, correlator.SemanticsID)}
	}
	return err
}

func openArchive(path string, salvage bool, bar *progressBar) (*archive.Archive, error) {
	if salvage {
		return archive.Salvage(path, bar.set)
	}
	a, err := archive.Open(path, bar.set)
	var damaged *archive.DamagedError
	if errors.As(err, &damaged) {
		return nil, failedf("--salvage reads what is whole of it", "%w", err)
	}
	return a, err
}

// fromEvents reads plain events: a cold log, in which nothing is recorded.
func (p *pastSource) fromEvents(ctx context.Context, s Streams, in io.Reader) error {
	said, left, err := readEvents(ctx, s, in, p.Name)
	if err != nil {
		return err
	}
	if p.Log, err = review.NewColdLog(said); err != nil {
		return failedf("one CloudEvent of docs/events.md a line", "%s: %w", p.Name, err)
	}
	reasons := []string{"the order and the passing of time are made from the times in the events"}
	if left > 0 {
		reasons = append(reasons, count(left, "line")+" could not be read")
	}
	p.Label = review.Label{Strength: review.Cold, Reason: strings.Join(reasons, "; ")}
	return nil
}
