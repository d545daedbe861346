package vault

import (
	"time"

	"github.com/overstay/overstay/events"
)

// usedEvery is how often the use of one token is said. Vault writes a line for
// every call; as a sign of life one in a minute is enough.
const usedEvery = time.Minute

// used handles any successful call: its token is alive. A use after an end that
// was claimed is said at once, the call that ended the token is none.
func (t *translator) used(c *call, by string) {
	tok := t.st.Tokens[by]
	if tok == nil {
		return
	}
	recently := c.r.Time.Sub(tok.Used) < usedEvery
	if e := tok.End; e != nil {
		if !c.r.Time.After(e.At) {
			return
		}
		recently = recently && tok.Used.After(e.At)
	}
	if recently {
		return
	}
	tok.Used = c.r.Time
	t.emit(c, events.AccessUsed, "used", c.r.Time, tok.Subject, &events.Use{
		Access: events.AccessRef{Kind: events.KindLease, ID: by},
	})
}
