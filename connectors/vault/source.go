package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/overstay/overstay/connectors"
	"github.com/overstay/overstay/connectors/tail"
	"github.com/overstay/overstay/events"
)

// Source reads one Vault or OpenBao cluster.
type Source struct{ cfg Config }

var _ connectors.Source = (*Source)(nil)

// New checks the configuration. It opens no file.
func New(cfg Config) (*Source, error) {
	cfg.setDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return &Source{cfg}, nil
}

// URI implements [connectors.Source].
func (s *Source) URI() string { return s.cfg.uri() }

// Run implements [connectors.Source].
func (s *Source) Run(ctx context.Context, from connectors.Cursor, out connectors.Output) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r, err := s.start(from, out)
	if err != nil {
		return err
	}
	for {
		drained, err := r.step(ctx)
		if err != nil {
			return errors.Join(err, r.close())
		}
		if !drained {
			continue
		}
		if !s.cfg.Follow {
			return r.close()
		}
		if err := s.cfg.Wait(ctx, s.cfg.Poll); err != nil {
			return errors.Join(err, r.close())
		}
	}
}

// run is the state of one Run.
type run struct {
	cfg   *Config
	out   connectors.Output
	merge *merge
	tr    *translator
	book  *book

	resumed  bool
	moved    bool      // lines were handled since the last cursor
	progress time.Time // when it was last said, by our clock
	through  time.Time // and what
	away     tail.Absence
}

const (
	progressEvery = 10 * time.Second
	batchEvents   = 500
	batchLines    = 1000
)

func (s *Source) start(from connectors.Cursor, out connectors.Output) (*run, error) {
	book, cur, err := openBook(&s.cfg, from)
	if err != nil {
		return nil, err
	}
	r := &run{cfg: &s.cfg, out: out, book: book}
	r.tr = &translator{cfg: s.cfg, st: cur.State, skip: out.Skip, asked: map[string]bool{}}
	if s.cfg.Address != "" {
		r.tr.hash = &auditHash{s.cfg.Address, s.cfg.TokenFile, s.cfg.Client}
	}
	r.merge = &merge{
		index: map[string][]*item{}, known: map[string]bool{}, devices: len(s.cfg.devices()), lag: s.cfg.Lag, follow: s.cfg.Follow,
	}
	device := map[string]string{}
	for _, f := range s.cfg.AuditFiles {
		device[f.Path] = f.Device
	}
	paths := s.cfg.paths()
	n := len(s.cfg.AuditFiles)
	for i := range paths { // server logs first
		path := paths[(n+i)%len(paths)]
		f, err := tail.Open(path, cur.Files.Of(path), 0)
		if err != nil {
			return nil, errors.Join(err, r.close())
		}
		r.merge.streams = append(r.merge.streams, &stream{
			file: f, path: path, device: device[path], pos: cur.Files.Of(path), rank: r.rank(device[path], i), index: r.merge.index,
		})
	}
	r.merge.alone = cur.Alone
	for _, key := range slices.Concat(cur.Alone, cur.Ahead) {
		r.merge.handled(key)
	}
	return r, nil
}

// rank orders copies of one line: by device, then by file.
func (r *run) rank(device string, i int) int {
	for d, name := range r.cfg.devices() {
		if name == device {
			return d*10000 + i
		}
	}
	return i
}

func (r *run) files() []*tail.File {
	files := make([]*tail.File, len(r.merge.streams))
	for i, s := range r.merge.streams {
		files[i] = s.file
	}
	return files
}

func (r *run) close() error {
	var errs []error
	for _, s := range r.merge.streams {
		errs = append(errs, s.file.Close())
	}
	return errors.Join(errs...)
}

// step reads what is there and handles it. drained: there is nothing more.
func (r *run) step(ctx context.Context) (drained bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	looked := r.cfg.Clock()
	if err := r.merge.fill(looked); err != nil {
		return false, err
	}
	r.out.Waiting(r.away.Look(looked, r.files()...))
	for lines := 0; ; lines++ {
		it, views := r.merge.next(looked)
		if it == nil {
			break
		}
		r.handle(ctx, it, views)
		if len(r.tr.out) >= batchEvents || lines >= batchLines {
			return false, r.commit(ctx)
		}
	}
	for _, s := range r.merge.streams {
		if !s.atEnd {
			return false, r.commit(ctx)
		}
		if s.file.Presence() == tail.Missing && !r.cfg.Follow {
			return false, fmt.Errorf("reading %s: there is no such file", s.path)
		}
	}
	if !r.cfg.Follow {
		r.tr.flush()
		r.book.final = true
	}
	r.sayProgress(looked)
	return true, r.commit(ctx)
}

func (r *run) handle(ctx context.Context, it *item, views []view) {
	r.moved = true
	place := it.view.place
	switch {
	case it.err != nil && errLost(it.err):
		// What follows is not a complete record of before.
		r.tr.skip(skipLost, place, it.err)
		r.tr.st.Coverage, r.tr.st.Empty, r.resumed = time.Time{}, false, false
	case errors.Is(it.err, errOtherType):
		r.tr.skip(connectors.SkipNotAccess, place, it.err)
	case it.err != nil:
		r.tr.skip(skipInvalid, place, it.err)
	case it.key == "":
		if it.server.What == serverOther {
			r.tr.skip(connectors.SkipNotAccess, place, nil)
			return
		}
		r.tr.server(it.server, it.view.raw, place)
	case r.merge.handled(it.key):
		// Another device's copy that came too late to be waited for.
	default:
		r.resume(it.at, true)
		r.tr.audit(ctx, newCall(views))
	}
}

// resume says from when on the record is complete, before the first line is told.
// Files that were empty at first are complete from their first line on, even when
// that bears an earlier time than our clock had.
func (r *run) resume(at time.Time, line bool) {
	st := r.tr.st
	if st.Coverage.IsZero() || line && st.Empty && at.Before(st.Coverage) {
		st.Coverage, r.resumed = at, false
	}
	if line {
		st.Empty = false
	}
	if r.resumed {
		return
	}
	r.resumed = true
	r.tr.add(events.SourceResumed, "resumed/"+at.UTC().Format(time.RFC3339Nano), at, "", &events.Resumed{
		Coverage: st.Coverage, Capabilities: r.cfg.capabilities(), Connector: "overstay/vault",
	}, "source.resumed")
}

// sayProgress claims what was read: Vault answers a call only after its line is
// written, so that a file read to its end holds everything from before the look.
// Of files that are shipped only the newest line is proof.
func (r *run) sayProgress(looked time.Time) {
	through := r.tr.st.Now
	for _, s := range r.merge.streams {
		if s.file.Presence() != tail.There && r.cfg.Follow || len(s.queue) > 0 {
			return
		}
	}
	if r.cfg.Follow && !r.cfg.Shipped {
		through = later(through, looked)
	}
	for _, w := range r.tr.st.Waiting { // read, but not said before its call is answered
		if w.At.Before(through) {
			through = w.At.Add(-1)
		}
	}
	if through.IsZero() || r.cfg.Follow && looked.Sub(r.progress) < progressEvery && !r.progress.IsZero() {
		return
	}
	if !r.cfg.Follow && through.Equal(r.through) {
		return
	}
	if r.tr.st.Coverage.IsZero() {
		r.tr.st.Empty = true
	}
	r.resume(through, false)
	r.progress, r.through = looked, through
	r.tr.add(events.SourceProgress, "progress/"+through.UTC().Format(time.RFC3339Nano), through, "", &events.Progress{
		Through: through, Basis: events.ByPosition,
	}, "source.progress")
}

// commit hands over what was said, with the cursor behind it.
func (r *run) commit(ctx context.Context) error {
	if !r.moved && len(r.tr.out) == 0 {
		return nil
	}
	files := tail.Cursor{}
	for _, s := range r.merge.streams {
		files = append(files, s.pos)
	}
	next, err := r.book.cursor(files, r.merge, r.tr)
	if err != nil {
		return err
	}
	for out := r.tr.out; ; {
		n := min(len(out), batchEvents)
		last := n == len(out)
		cur := next
		if !last {
			cur = r.book.last // one line may say more than one batch holds
		}
		if err := r.out.Emit(ctx, out[:n], cur); err != nil {
			return err
		}
		if out = out[n:]; last {
			break
		}
	}
	r.tr.out, r.moved = nil, false
	return r.book.emitted(next)
}
