package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/overstay/overstay/events"
)

const (
	coldEach = 10   // open leases of each other subject
	perTurn  = 2000 // events, at least, between two turns: a batch more or less does not count
)

// measureHotSubject compares what an event of the service account costs, with all its
// open leases, with one of a subject that has ten.
func (r *run) measureHotSubject(ctx context.Context, rig *rig) (err error) {
	leases := min(serviceLeases, max(r.Events/5, 2000))
	r.Say(fmt.Sprintf("hot-subject: one account with %s open leases", number(float64(leases))))
	f := &feed{ctx: ctx, log: rig.streams.Events()}
	g := &growth{hours: hours{company: newCompany(r.Seed, 2), emit: f.put, now: beginning, want: 10 * leases, count: map[string]uint64{}}}
	g.inner(policyApplied(g.now))
	g.inner(tick(g.now, beginning))
	cold := leases / 10
	for i := range leases {
		g.heat(serviceAccount, "hot", i)
	}
	for i := range cold {
		g.heat(workload(uint64(i/coldEach)), "cold", i)
	}
	ends := []int{g.made}
	rounds := min(max(3*cold/perTurn, 1), 10)
	each := cold / rounds
	for round := range rounds {
		for i := range each {
			g.act("cold", workload(uint64((round*each+i)/coldEach)), round*each+i)
		}
		ends = append(ends, g.made)
		for i := range each {
			g.act("hot", serviceAccount, (round*each+i)*7)
		}
		ends = append(ends, g.made)
	}
	if err := errors.Join(g.err, f.flush()); err != nil {
		return err
	}
	rig.clock.set(g.now)
	e, err := rig.run(ctx, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.stop()) }()
	stop, err := r.profile("hot-subject")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	return r.compareHot(ctx, e, ends, 3*each*rounds)
}

// compareHot takes the time that each stretch of the log needs: the first sets up,
// then the others' and the account's take turns.
func (r *run) compareHot(ctx context.Context, e *running, ends []int, each int) error {
	if err := e.reached(ctx, uint64(ends[0])); err != nil {
		return err
	}
	var took [2]time.Duration
	for i, end := range ends[1:] {
		began := time.Now()
		if err := e.reached(ctx, uint64(end)); err != nil {
			return err
		}
		took[i%2] += time.Since(began)
		r.Progress("apply the log", i+1, len(ends)-1)
	}
	ratio := float64(took[1]) / float64(took[0])
	r.figure("hot-subject", "an event of a subject with 10 open leases (baseline)", micro(took[0]/time.Duration(each)), "µs", nil)
	r.figure("hot-subject", "an event of the service account", micro(took[1]/time.Duration(each)), "µs", nil)
	r.figure("hot-subject", "ratio", ratio, "", atMost(2, ratio).of(5*serviceLeases, r.Events, "events"))
	return nil
}

func (g *growth) heat(who events.ID, name string, i int) {
	g.tell(events.LeaseIssued, vault, who, &events.Lease{
		LeaseID: fmt.Sprintf("database/creds/%s/%06d", name, i), Credential: events.CredentialDynamic,
		Scope:  events.Scope{System: "vault/prod", Resource: "database", Role: "database/creds/" + name},
		Expiry: &events.Expiry{Kind: events.ExpiryExact, At: g.now.Add(24 * time.Hour)},
	})
}

// act is a use, a renewal and the end of a lease.
func (g *growth) act(name string, who events.ID, i int) {
	id := fmt.Sprintf("database/creds/%s/%06d", name, i)
	g.tell(events.AccessUsed, vault, who, &events.Use{Access: events.AccessRef{Kind: events.KindLease, ID: id}})
	g.tell(events.LeaseRenewed, vault, who, &events.Lease{LeaseID: id, Expiry: &events.Expiry{Kind: events.ExpiryExact, At: g.now.Add(25 * time.Hour)}})
	g.tell(events.LeaseRevoked, vault, who, &events.Lease{LeaseID: id})
}
