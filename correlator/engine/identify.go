package engine

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/events"
	"github.com/overstay/overstay/store"
	"github.com/overstay/overstay/store/eventlog"
)

// Keys of the engine's own in the store. The core's begin with a letter.
const (
	keyVersion   = "!version"
	keySemantics = "!semantics"
	keyPolicy    = "!policy"
	// keyConfigured is the hash of the policy that the configuration brought last.
	keyConfigured = "!configured"
	keyOutbox     = "!outbox/"
	keyMark       = "!published" // key of the last row that is
	keyStock      = "!alerts"    // what the alert stream held
	keyEnd        = "!end"       // where the log was last seen to end
	keyQuiet      = "!quiet"     // the state has yet to take over what was told before
	keyRestored   = "!restored"  // when its backup was taken; gone with the next commit
)

// open brings state, policy and outbox to where reading can start.
func (e *Engine) open(ctx context.Context) error {
	if err := CheckState(e.cfg.Store); err != nil {
		return err
	}
	var err error
	if e.pos, err = e.cfg.Store.Position(); err != nil {
		return fmt.Errorf("read the position: %w", err)
	}
	if err := e.identify(ctx); err != nil {
		return err
	}
	if err := e.fail(PointIdentified); err != nil {
		return err
	}
	if err := e.loadPolicy(ctx); err != nil {
		return err
	}
	if err := e.outbox.load(); err != nil {
		return err
	}
	if err := e.hush(ctx); err != nil {
		return err
	}
	e.moved(e.pos.Seq, correlator.Peek(e.View(), e.Policy()))
	return nil
}

// Anchor is the hash of a message by which its position is recognised, and of which
// each publication says, in the header [AnchorHeader], what it follows from.
func Anchor(m eventlog.Message) string {
	h := sha256.New()
	write := func(s string) {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	write(m.Subject)
	for _, k := range slices.Sorted(maps.Keys(m.Header)) {
		write(k)
		for _, v := range m.Header[k] {
			write(v)
		}
	}
	h.Write(m.Body)
	return hex.EncodeToString(h.Sum(nil))
}

// identify makes sure that the log is the one that the state is a view of, and
// that it still holds what was read. Otherwise a new epoch begins: the facts stay
// and everything the log still has is merged again, which changes nothing where
// it was known.
func (e *Engine) identify(ctx context.Context) error {
	st, err := e.cfg.Log.State(ctx)
	if err != nil {
		return fmt.Errorf("ask the log for its state: %w", err)
	}
	e.last.Store(st.Last)
	if st.Lost != "" {
		e.cfg.Logger.Error("the log reports lost messages", "lost", st.Lost)
	}
	if done, err := e.identifyRestored(ctx, st); done || err != nil {
		return err
	}
	if e.pos.LogID == "" || e.pos.LogID == st.ID && e.pos.Seq+1 < st.First {
		if begun, err := e.begin(ctx, st); begun || err != nil {
			return err
		}
	}
	if e.pos.LogID == "" {
		e.startOver(st)
		return nil
	}
	reason, err := e.mismatch(ctx, st, e.pos)
	if err == nil && reason == "" {
		reason, err = e.endsEarly(st)
	}
	if err != nil || reason == "" {
		return err
	}
	e.cfg.Logger.Error("the log is not the one that the state was made from; a new epoch begins", "reason", reason, "log", st.ID, "was", e.pos.LogID)
	e.pos = store.Position{LogID: st.ID, Epoch: epochAfter(e.pos, st.ID, st.First), Seq: max(st.First, 1) - 1}
	e.parted = true
	return e.appendEpoch(ctx, reason)
}

// epochAfter numbers the epoch that follows a position when a log goes on from
// another place. Epochs grow, and by how much tells states apart that took in
// different messages before: what they say of one alert may differ, and is no
// contradiction. The number stays exact in JSON through two million epochs.
func epochAfter(was store.Position, logID string, next uint64) uint64 {
	h := sha256.New()
	fmt.Fprintf(h, "%s\x00%d\x00%d\x00%s\x00%s\x00%d", was.LogID, was.Epoch, was.Seq, was.Anchor, logID, next)
	return was.Epoch + 1 + uint64(binary.BigEndian.Uint32(h.Sum(nil)))
}

func (e *Engine) mismatch(ctx context.Context, st eventlog.State, at store.Position) (string, error) {
	return mismatch(ctx, e.cfg.Log, st, at)
}

// mismatch says in what a log differs from what is remembered of it at a position,
// "" if nothing.
func mismatch(ctx context.Context, log eventlog.Log, st eventlog.State, at store.Position) (string, error) {
	switch {
	case st.ID != at.LogID:
		return "the stream was recreated", nil
	case st.Last < at.Seq:
		return fmt.Sprintf("the stream ends at %d, but %d was applied", st.Last, at.Seq), nil
	case at.Seq == 0:
		return "", nil
	case st.First > at.Seq:
		if st.First > at.Seq+1 {
			return fmt.Sprintf("positions %d to %d are gone", at.Seq+1, st.First-1), nil
		}
		return "", nil // only that the next one follows can be shown
	}
	m, err := log.At(ctx, at.Seq)
	if errors.Is(err, eventlog.ErrNoMessage) {
		return fmt.Sprintf("the message at %d is gone", at.Seq), nil
	}
	if err != nil {
		return "", fmt.Errorf("read the message at %d: %w", at.Seq, err)
	}
	if Anchor(m) != at.Anchor {
		return fmt.Sprintf("the message at %d is another one", at.Seq), nil
	}
	return "", nil
}

// markEnd has a commit write where the log was last seen to end: what is lost
// beyond the position would leave no trace otherwise, and the numbers are given out
// again.
func (e *Engine) markEnd(o *overlay, at store.Position) uint64 {
	end := max(e.last.Load(), at.Seq)
	if end != e.marked {
		o.Put([]byte(keyEnd), strconv.AppendUint(nil, end, 10))
	}
	return end
}

// endsEarly says that the log once reached further, "" if it did not.
func (e *Engine) endsEarly(st eventlog.State) (string, error) {
	b, err := e.cfg.Store.Get([]byte(keyEnd))
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read where the log was seen to end: %w", err)
	}
	end, err := strconv.ParseUint(string(b), 10, 64)
	if err != nil {
		return "", fmt.Errorf("read where the log was seen to end: %w", err)
	}
	if st.Last < end {
		return fmt.Sprintf("the stream ends at %d, but was seen to reach to %d", st.Last, end), nil
	}
	return "", nil
}

func (e *Engine) appendEpoch(ctx context.Context, reason string) error {
	ev, err := events.New(events.SystemEpoch, "overstay://engine", fmt.Sprintf("epoch-%d-%s", e.pos.Epoch, e.boot), e.cfg.Clock.Wall(), "",
		&events.Epoch{Epoch: e.pos.Epoch, LogID: e.pos.LogID, Reason: reason})
	if err != nil {
		return fmt.Errorf("make the epoch event: %w", err)
	}
	entry, err := entryFor(ev)
	if err != nil {
		return err
	}
	if err := e.cfg.Log.Append(ctx, []eventlog.Entry{entry}); err != nil {
		return fmt.Errorf("append the epoch: %w", err)
	}
	return nil
}

// byConfiguration is who applies a policy that the configuration brought.
const byConfiguration = "configuration"

// loadPolicy compiles the policy that the state was judged by, and appends the
// configured one to the log if it is another.
func (e *Engine) loadPolicy(ctx context.Context) error {
	if e.cfg.Fixed != nil {
		e.setPolicy(e.cfg.Fixed)
		return nil
	}
	text, err := e.cfg.Store.Get([]byte(keyPolicy))
	switch {
	case errors.Is(err, store.ErrNotFound):
		e.setPolicy(correlator.DefaultPolicy())
	case err != nil:
		return fmt.Errorf("read the policy in force: %w", err)
	default:
		p, err := e.cfg.Compile(string(text))
		if err != nil {
			return fmt.Errorf("compile the policy in force: %w", err)
		}
		e.setPolicy(p)
	}
	if e.cfg.Policy == "" || e.cfg.Policy == string(text) {
		return nil
	}
	if _, err := e.cfg.Compile(e.cfg.Policy); err != nil {
		return fmt.Errorf("compile the configured policy: %w", err)
	}
	sum := sha256.Sum256([]byte(e.cfg.Policy))
	hash := hex.EncodeToString(sum[:])
	// A file that did not change is no new decision: what an operator applied since
	// stays in force, through restarts and beside a standby with the same file.
	switch was, err := e.cfg.Store.Get([]byte(keyConfigured)); {
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return fmt.Errorf("read which policy was configured: %w", err)
	case string(was) == hash:
		e.cfg.Logger.Warn("another policy than the configured one is in force: it was applied since (overstay policy show)", "inForce", e.Policy().Hash, "configured", hash)
		return nil
	}
	ev, err := events.New(events.PolicyApplied, "overstay://engine", "policy-"+hash[:16]+"-"+e.boot, e.cfg.Clock.Wall(), "",
		&events.Policy{YAML: e.cfg.Policy, Hash: hash, By: byConfiguration})
	if err != nil {
		return fmt.Errorf("make the policy event: %w", err)
	}
	entry, err := entryFor(ev)
	if err != nil {
		return err
	}
	if err := e.cfg.Log.Append(ctx, []eventlog.Entry{entry}); err != nil {
		return fmt.Errorf("append the policy: %w", err)
	}
	return nil
}
