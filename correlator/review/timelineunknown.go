package review

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/overstay/overstay/correlator"
)

// UnknownError says that the log has nothing by a name.
type UnknownError struct {
	What, Name string
	// Near are names that may have been meant; Several says that each of them was.
	Near    []string
	Several bool
}

func (e *UnknownError) Error() string {
	if e.Several {
		return fmt.Sprintf("the log has several %ss that begin with %q", e.What, e.Name)
	}
	return fmt.Sprintf("the log has no %s %q", e.What, e.Name)
}

// oneAlert completes the beginning of an alert's id.
func (c *timelineRun) oneAlert() error {
	var ids []string
	for id := range c.told {
		if strings.HasPrefix(id, c.q.Alert) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	switch len(ids) {
	case 0:
		return c.unknown(c.out.View)
	case 1:
		c.q.Alert = ids[0]
		return nil
	}
	return &UnknownError{What: "alert", Name: c.q.Alert, Near: ids[:min(len(ids), maxNear)], Several: true}
}

// maxNear bounds how many names are proposed.
const maxNear = 5

// unknown says that there is nothing, and what may have been meant.
func (c *timelineRun) unknown(v *correlator.View) error {
	near := map[string]bool{}
	like := func(name, wanted string) {
		if n, w := strings.ToLower(name), strings.ToLower(wanted); strings.Contains(n, w) || n != "" && strings.HasSuffix(w, ":"+n) {
			near[name] = true
		}
	}
	e := &UnknownError{What: "subject", Name: string(c.q.Subject)}
	switch {
	case c.q.Alert != "":
		e.What, e.Name = "alert", c.q.Alert
		for id := range c.told {
			like(id, e.Name)
		}
	case c.q.Approval != "":
		e.What, e.Name = "approval", c.q.Approval
		v.EachApproval(func(a correlator.ApprovalRecord) bool { like(a.ID, e.Name); return true })
	default:
		v.EachAccess(func(x correlator.AccessView) bool { like(string(x.Subject), e.Name); return true })
		v.EachApproval(func(a correlator.ApprovalRecord) bool {
			for _, id := range a.Consumers {
				like(string(id), e.Name)
			}
			return true
		})
	}
	for name := range near {
		e.Near = append(e.Near, name)
	}
	sort.Strings(e.Near)
	e.Near = e.Near[:min(len(e.Near), maxNear)]
	return e
}
