package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/overstay/overstay/correlator/review"
	"github.com/overstay/overstay/correlator/review/render"
)

type reportFlags struct {
	source   sourceFlags
	from, to string
	known    string
	out      string
	csv      bool
	table    string
	json     bool
	version  string
}

func reportCommand(s Streams) *cobra.Command {
	f := reportFlags{version: ownVersions().Version}
	cmd := &cobra.Command{
		Use:     "report [SOURCE]",
		GroupID: groupReview,
		Short:   "Report on a period for auditors",
		Long: `Report on a period: the population of approvals, with the end of each facet, what
that end rests on and the overrun; how long it took until access was effectively
over, by system; the exceptions and what became of them; who was listened to and
who was silent; and all of it by control. What is not covered stands at the top.

It is one HTML page, printed or written to --out. With --csv it is one file for each
table, in the folder --out; or with --table one table, printed or written to --out.
With --json it is everything in one document. What is there is not written over.

The report says what was known at the end of the log. With --known-at it says what
was known earlier. The log is always read from its beginning.

The tables are ` + strings.Join(render.TableNames(), ", ") + `.

` + sourceHelp,
		Example: `  overstay report march.zst --from 2026-03-01T00:00:00Z --to 2026-04-01T00:00:00Z --out march.html
  overstay report march.zst --csv --out march-tables
  overstay report --table exceptions > exceptions.csv
  overstay report march.zst --json | jq .summary`,
		Args: atMostOneSource,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), s, sourceName(args)) },
	}
	flags := cmd.Flags()
	f.source.addFlags(flags)
	f.source.addServer(flags)
	flags.StringVar(&f.from, "from", "", "begin with this `time`, or position")
	flags.StringVar(&f.to, "to", "", "end before this `time`, or with this position")
	flags.StringVar(&f.known, "known-at", "", "read the log up to this `time`, or position")
	flags.StringVarP(&f.out, "out", "o", "", "`file` to write to; with --csv the folder")
	flags.BoolVar(&f.csv, "csv", false, "write CSV tables")
	flags.StringVar(&f.table, "table", "", "write this `table` alone, as CSV")
	flags.BoolVar(&f.json, "json", false, "write JSON")
	complete(cmd, "table", render.TableNames())
	return cmd
}

func (f *reportFlags) check() error {
	switch {
	case f.json && (f.csv || f.table != ""):
		return usagef("choose one", "--json goes neither with --csv nor with --table")
	case f.csv && f.table == "" && f.out == "":
		return usagef("name a folder with --out, or one table with --table", "--csv writes several files")
	case f.table != "" && !slices.Contains(render.TableNames(), f.table):
		return usagef("one of "+strings.Join(render.TableNames(), ", "), "--table: there is no table %q", f.table)
	}
	if f.out == "" {
		return nil
	}
	if _, err := os.Lstat(f.out); err == nil {
		return usagef("choose another name", "%s is there already", f.out)
	}
	return nil
}

func (f *reportFlags) run(ctx context.Context, s Streams, name string) (err error) {
	if err := f.check(); err != nil {
		return err
	}
	ctx, release := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer release()
	r, err := f.make(ctx, s, name)
	if err != nil {
		return err
	}
	switch {
	case f.table != "":
		tables := render.Tables(r)
		i := slices.IndexFunc(tables, func(t render.Table) bool { return t.Name == f.table })
		return f.write(s, func(w io.Writer) error { return render.CSV(w, tables[i]) })
	case f.csv:
		return f.writeTables(s, r)
	case f.json:
		return f.write(s, func(w io.Writer) error { return writeJSON(w, r) })
	}
	return f.write(s, func(w io.Writer) error { return render.HTML(w, r) })
}

// make reads the source and makes the report.
func (f *reportFlags) make(ctx context.Context, s Streams, name string) (_ *review.Report, err error) {
	from, err := parsePlace("--from", f.from)
	if err != nil {
		return nil, err
	}
	to, err := parsePlace("--to", f.to)
	if err != nil {
		return nil, err
	}
	if !from.at.IsZero() && !to.at.IsZero() && !from.at.Before(to.at) || from.position > 0 && to.position > 0 && from.position > to.position {
		return nil, usagef("", "--to %s is not after --from %s", f.to, f.from)
	}
	known, err := parsePlace("--known-at", f.known)
	if err != nil {
		return nil, err
	}
	if f.source.server != "" {
		return f.askServer(ctx, name, from, to, known)
	}
	src, err := f.source.open(ctx, s, name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	until, err := src.until(ctx, known)
	if err != nil {
		return nil, err
	}
	bar := newProgress(s.Err, "report", "messages", 1)
	defer bar.end()
	return review.MakeReport(ctx, review.ReportOptions{
		Source: &src.Source, From: from.bound(), To: to.bound(), Until: until, Program: "overstay " + f.version, Made: time.Now(),
		Progress: func(position, until uint64) { bar.set(int64(position-src.After), int64(until-src.After)) },
	})
}

// askServer has a server make the report.
func (f *reportFlags) askServer(ctx context.Context, name string, from, to, known place) (*review.Report, error) {
	switch {
	case from.position > 0 || to.position > 0:
		return nil, usagef(`write "2026-10-01T00:00:00Z"`, "a server is asked for times, and --from or --to is a position")
	case !known.isZero():
		return nil, usagef("export the log, and report on the archive", "--known-at is for a SOURCE, and --server is given")
	}
	var r review.Report
	q := question{"/v1/report", map[string]string{"from": asMoment(from.at), "to": asMoment(to.at)}}
	if _, err := f.source.remotely(ctx, name, "", q, &r); err != nil {
		return nil, err
	}
	return &r, nil
}

// until is the last position of the source that is read where a place says up to
// when.
func (p *pastSource) until(ctx context.Context, known place) (uint64, error) {
	st, err := p.Log.State(ctx)
	if err != nil {
		return 0, fmt.Errorf("ask the log for its state: %w", err)
	}
	if known.isZero() {
		return st.Last, nil
	}
	position, err := known.first(ctx, p.Log, st)
	if err != nil {
		return 0, err
	}
	if !known.at.IsZero() {
		position-- // the first that came later
	}
	if position <= p.After || position < st.First {
		return 0, usagef("", "nothing is known so early: the log can be read from position %d on", max(p.After+1, st.First))
	}
	return min(position, st.Last), nil
}

func (p place) bound() review.Bound { return review.Bound{At: p.at, Position: p.position} }

// write writes one document to --out, or prints it.
func (f *reportFlags) write(s Streams, to func(io.Writer) error) error {
	if f.out == "" {
		return to(s.Out)
	}
	return writeNew(f.out, to)
}

// writeTables writes a file for each table, into a new folder.
func (f *reportFlags) writeTables(s Streams, r *review.Report) error {
	if err := os.Mkdir(f.out, 0o700); err != nil {
		return fmt.Errorf("make the folder for the tables: %w", err)
	}
	for _, t := range render.Tables(r) {
		if err := writeNew(filepath.Join(f.out, t.Name+".csv"), func(w io.Writer) error { return render.CSV(w, t) }); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(s.Out, "%s in %s\n", count(len(render.TableNames()), "table"), harmless(f.out, ""))
	return err
}

// writeNew writes a file that is not there yet; it names who held which access, and
// is for its owner alone.
func writeNew(path string, to func(io.Writer) error) (err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err = errors.Join(to(file), file.Close()); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), os.Remove(path))
	}
	return nil
}
