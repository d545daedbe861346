package correlator

import (
	"slices"

	"github.com/overstay/overstay/events"
)

// rotation is a fact: a static secret was changed, and who read it before knows it
// no longer.
type rotation struct {
	T   Time   `json:"t"`
	ID  string `json:"id"`
	Seq uint64 `json:"seq"`
}

// rotations are those of one secret, in (time, id) order.
type rotations struct {
	Acts []rotation `json:"acts"`
}

// maxRotations bounds what is kept of one secret; the oldest go.
const maxRotations = 256

func (r rotation) order(o rotation) int {
	if r.T != o.T {
		return cmp(r.T, o.T)
	}
	return cmp(r.ID, o.ID)
}

// A secret is known by the names that its events give it: its id at its source, its
// scope, and the account whose it is.
func secretByID(source, id string) string { return "id" + partSep + source + partSep + id }
func secretByAccount(id events.ID) string { return "of" + partSep + indexed(id) }
func secretByScope(sc events.Scope) string {
	return "scope" + partSep + sc.System + partSep + sc.Resource + partSep + sc.Role
}

// applyRotation keeps a rotation under each name of its secret and judges whoever
// read that.
func (s *step) applyRotation(ev events.Event, d *events.Credential) bool {
	if d.Effect != events.Done {
		return false
	}
	names := []string{secretByID(ev.Source, d.CredentialID)}
	if !d.Scope.IsZero() {
		names = append(names, secretByScope(d.Scope))
	}
	if ev.Subject != "" {
		names = append(names, secretByAccount(ev.Subject))
	}
	n := rotation{At(ev.Time), eventRef(ev), s.msg.Origin.Seq}
	changed := false
	for _, name := range names {
		r := s.rotations(name)
		i, copied := slices.BinarySearchFunc(r.Acts, n, rotation.order)
		if copied {
			continue
		}
		changed = true
		r.Acts = slices.Insert(r.Acts, i, n)
		if over := len(r.Acts) - maxRotations; over > 0 {
			r.Acts = r.Acts[over:]
		}
		s.st.Put(key(keyRotations, name), encodeRecord(r))
		s.touchAll(indexSecret, name)
	}
	return changed
}

func (s *step) rotations(name string) rotations {
	var r rotations
	decodeRecord(s.st.Get(key(keyRotations, name)), &r)
	return r
}

// secretsOf lists the names of the secrets that an access is the reading or the use
// of: a static credential's own, and those of an account for emergencies.
func (s *step) secretsOf(x *access) []string {
	var out []string
	if id := s.emergency(x); id != "" {
		out = append(out, secretByAccount(id))
	}
	if x.Credential != events.CredentialStatic {
		return out
	}
	_, source, id := x.Key.split()
	out = append(out, secretByID(source, id), secretByScope(x.Scope))
	if whole := x.Scope; whole.Role != "" {
		whole.Role = ""
		out = append(out, secretByScope(whole))
	}
	return out
}

// setSecrets lists the access under the secrets it knows.
func (s *step) setSecrets(x *access, now []string) {
	for _, name := range x.Secrets {
		if !slices.Contains(now, name) {
			s.delist(indexSecret, name, string(x.Key))
		}
	}
	for _, name := range now {
		if !slices.Contains(x.Secrets, name) {
			s.enlist(indexSecret, name, string(x.Key))
		}
	}
	x.Secrets = now
}

// heedRotations brings a static credential up to date with the rotations of its
// secret: the first after each time that it was read ends what was read.
func (s *step) heedRotations(x *access) {
	if x.Credential != events.CredentialStatic && !x.rotated() {
		return
	}
	var all, want []rotation
	if x.Credential == events.CredentialStatic {
		for _, name := range s.secretsOf(x) {
			all = append(all, s.rotations(name).Acts...)
		}
		slices.SortFunc(all, rotation.order)
	}
	for i := range x.Acts {
		if a := &x.Acts[i]; a.reads() {
			if i := slices.IndexFunc(all, func(r rotation) bool { return r.T > a.T }); i >= 0 && !slices.Contains(want, all[i]) {
				want = append(want, all[i])
			}
		}
	}
	have := slices.DeleteFunc(slices.Clone(x.Acts), func(a act) bool { return !a.Rotation })
	same := len(have) == len(want)
	for i := range want {
		same = same && have[i].T == want[i].T && have[i].ID == want[i].ID
	}
	if same {
		return
	}
	x.Acts = slices.DeleteFunc(x.Acts, func(a act) bool { return a.Rotation })
	for _, r := range want {
		x.addAct(act{T: r.T, Kind: actEnd, Basis: Observed, Cause: events.CauseRotated, ID: r.ID, Seq: r.Seq, Rotation: true})
	}
	s.changed[ownAccess+string(x.Key)] = true
}

// rotated reports whether a rotation of its secret is among its acts.
func (x *access) rotated() bool {
	for i := range x.Acts {
		if x.Acts[i].Rotation {
			return true
		}
	}
	return false
}

// reads reports whether the act is a reading of the credential.
func (a *act) reads() bool { return a.Kind == actStart || a.Kind == actRenew }

// rotationsOfAccount is when the secret of an account was changed.
func (s *step) rotationsOfAccount(id events.ID) []Time {
	if id == "" {
		return nil
	}
	var out []Time
	for _, r := range s.rotations(secretByAccount(id)).Acts {
		out = append(out, r.T)
	}
	return out
}
