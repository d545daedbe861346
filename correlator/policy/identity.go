package policy

import (
	"fmt"
	"strings"
	"time"

	"github.com/overstay/overstay/correlator"
	"github.com/overstay/overstay/correlator/policy/strictyaml"
	"github.com/overstay/overstay/events"
)

const maxRealms = 64

// placedJoin is a join and where its realms were written.
type placedJoin struct {
	join   correlator.Join
	at     strictyaml.Value
	realms []strictyaml.Value
}

func (l *loader) identity() strictyaml.Reader {
	return strictyaml.Object(strictyaml.Fields{
		"joins":  strictyaml.List(&l.policy.Joins, l.join),
		"links":  strictyaml.List(&l.policy.Links, l.link),
		"realms": strictyaml.Map(l.realm),
	})
}

func (l *loader) join(j *correlator.Join) strictyaml.Reader {
	placed := placedJoin{}
	return strictyaml.Object(strictyaml.Fields{
		"realms": strictyaml.Strings(&j.Realms, realmIsValid).Then(func(v strictyaml.Value) {
			placed.realms = v.Elements()
		}),
		"foldCase": strictyaml.Bool(&j.FoldCase),
	}).Then(func(v strictyaml.Value) {
		if len(j.Realms) < 2 {
			v.Report("name at least two, or remove the join", "joins nothing: it has %d of at least two realms", len(j.Realms))
		}
		placed.join, placed.at = *j, v
		l.joins = append(l.joins, placed)
	})
}

func (l *loader) link(link *correlator.Link) strictyaml.Reader {
	var from, until time.Time
	return strictyaml.Object(strictyaml.Fields{
		"a":     strictyaml.String(&link.A, idIsValid),
		"b":     strictyaml.String(&link.B, idIsValid),
		"from":  strictyaml.Instant(&from),
		"until": strictyaml.Instant(&until),
	}).Then(func(v strictyaml.Value) {
		link.From, link.Until = correlator.At(from), correlator.At(until)
		l.links = append(l.links, v)
		switch {
		case v.Lacks("a") || v.Lacks("b"):
			v.Report("", "a link needs both a and b")
		case link.A == link.B && link.A != "":
			v.Report("", "links %q to itself", string(link.A))
		case !until.IsZero() && !until.After(from):
			v.Report("", "ends at %s, not after it begins at %s", until.Format(time.RFC3339), from.Format(time.RFC3339))
		}
	})
}

func (l *loader) realm(name string, key strictyaml.Value) strictyaml.Reader {
	r := events.Realm{Name: name}
	return strictyaml.Object(strictyaml.Fields{
		"shared":     strictyaml.Bool(&r.Shared),
		"immutable":  strictyaml.Bool(&r.Immutable),
		"recyclable": strictyaml.Bool(&r.Recyclable),
		"foldCase":   strictyaml.Bool(&r.FoldCase),
		"workload":   strictyaml.Bool(&r.Workload),
		"rank":       strictyaml.Int(&r.Rank, 0, 1000),
	}).Then(func(v strictyaml.Value) {
		if message, hint := realmIsValid(name); message != "" {
			key.Report(hint, "%s", message)
		}
		switch {
		case r.Shared && r.Immutable:
			key.Report("", "is shared and immutable: an id that stands for nobody cannot anchor a person")
		case r.Recyclable && r.Immutable:
			key.Report("", "is recyclable and immutable: an id that passes to somebody else cannot anchor a person")
		}
		if l.policy.Realms == nil {
			l.policy.Realms = map[string]events.Realm{}
		}
		l.policy.Realms[name] = r
		if len(l.policy.Realms) == maxRealms+1 {
			key.Report("", "is one realm more than %d", maxRealms)
		}
	})
}

// checkJoins refuses joins that the correlator would have to ignore, or that ask
// for two readings of one id.
func (l *loader) checkJoins() {
	folds := map[string]placedJoin{}
	for _, p := range l.joins {
		for i, at := range p.realms {
			name := p.join.Realms[i]
			switch r := l.policy.Realms[name]; {
			case r.Shared:
				at.Report("remove it from the join, or remove shared", "%q is declared shared: its ids stand for nobody and join nothing", name)
			case r.Recyclable:
				at.Report("link such ids one by one, with from and until", "%q is declared recyclable: equal names there may be different persons", name)
			}
			if other, twice := folds[name]; twice && other.join.FoldCase != p.join.FoldCase && other.at != p.at {
				at.Report("", "%q is joined here %s foldCase and on line %d %s", name, withOrWithout(p.join.FoldCase), other.at.Line(), withOrWithout(other.join.FoldCase))
			}
			folds[name] = p
		}
	}
}

func withOrWithout(with bool) string {
	if with {
		return "with"
	}
	return "without"
}

// checkLinks refuses links that would merge what must stay apart.
func (l *loader) checkLinks() {
	for i, link := range l.policy.Links {
		for _, id := range []events.ID{link.A, link.B} {
			if l.policy.Realms[id.Realm()].Shared {
				l.links[i].Report("", "%q is of a realm that is declared shared, and stands for nobody", string(id))
			}
		}
		if realm := link.A.Realm(); link.A != link.B && realm == link.B.Realm() && l.policy.Realms[realm].Immutable {
			l.links[i].Report("", "both ids are of %q, which is declared immutable: two of them are two persons", realm)
		}
	}
}

func realmIsValid(name string) (message, hint string) {
	if len(name) > 128 {
		return fmt.Sprintf("has %d bytes, more than 128", len(name)), ""
	}
	if name != "" && events.NewID(name, "x").Realm() == name {
		return "", ""
	}
	lower := strings.ToLower(name)
	if lower != name && lower != "" && events.NewID(lower, "x").Realm() == lower {
		return fmt.Sprintf("%q is not a realm: realms are in lower case", name), fmt.Sprintf("write %q", lower)
	}
	return fmt.Sprintf("%q is not a realm", name), `lower-case letters, digits and . _ - / only, such as "ldap/corp/uid"`
}

// idIsValid refuses besides what would be taken for an id without a realm
// although one was meant.
func idIsValid(id string) (message, hint string) {
	if err := events.ID(id).Validate(); err != nil {
		return err.Error(), ""
	}
	realm, local, ok := strings.Cut(id, ":")
	if ok && events.ID(id).Realm() == "" && events.ID(strings.ToLower(id)).Realm() != "" {
		lower := strings.ToLower(realm) + ":" + local
		return fmt.Sprintf("%q has no realm: realms are in lower case", id), fmt.Sprintf("write %q", lower)
	}
	return "", ""
}

// checkLeavers: nobody leaves by an account that stands for nobody.
func (l *loader) checkLeavers() {
	for i, at := range l.leavers {
		if name := l.policy.Offboarding.Realms[i]; l.policy.Realms[name].Shared {
			at.Report("", "%q is declared shared: its accounts say nothing about who has left", name)
		}
	}
}

func (l *loader) offboardingRealms() strictyaml.Reader {
	return strictyaml.Strings(&l.policy.Offboarding.Realms, realmIsValid).Then(func(v strictyaml.Value) {
		l.leavers = v.Elements()
	})
}
