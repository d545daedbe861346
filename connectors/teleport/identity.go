package teleport

import (
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/overstay/overstay/events"
)

// who is the block about a user that most records carry.
type who struct {
	User           string         `json:"user"`
	Login          string         `json:"login"`
	Impersonator   string         `json:"impersonator"`
	AccessRequests []string       `json:"access_requests"`
	UserKind       jsontext.Value `json:"user_kind"`
	BotName        string         `json:"bot_name"`
	UserCluster    string         `json:"user_cluster_name"`
	Traits         jsontext.Value `json:"user_traits"`
}

// kindSystem is the user_kind of Teleport's own services. The other kinds are not
// looked at: records of tctl carry "human" for the auth server's own identity, so
// a kind of human proves nothing, and bots are told by their name.
const kindSystem = "3"

// The realms of one cluster's ids, below "teleport/<name>/".
const (
	realmUser    = "user"
	realmBot     = "bot"     // a Machine ID bot; its user is "bot-<bot>"
	realmHost    = "host"    // an auth server or agent that acts by itself (tctl)
	realmSystem  = "system"  // Teleport's own services
	realmList    = "list"    // an access list as a member of another
	realmRequest = "request" // stands in for a requester that the log has not shown
	realmPlugin  = "delegator"
	realmMail    = "mail" // shared with the other connectors, so that policy can join people by it
)

// Realms declares the ids that a cluster's connector speaks of.
func Realms(name string) []events.Realm {
	prefix := "teleport/" + name + "/"
	return []events.Realm{
		{Name: prefix + realmUser, Rank: 2},
		{Name: prefix + realmBot, Rank: 2},
		{Name: prefix + realmHost, Shared: true, Rank: 9},
		{Name: prefix + realmSystem, Shared: true, Rank: 9},
		{Name: prefix + realmList, Shared: true, Rank: 9},
		{Name: prefix + realmRequest, Rank: 9},
		{Name: prefix + realmPlugin, Rank: 9},
		// Addresses are given away again: one does not link two people by itself.
		{Name: realmMail, FoldCase: true, Recyclable: true, Rank: 4},
	}
}

// named is the name under which a cluster is known here: the connector's own for
// its own cluster, the configured one or the cluster's for others.
func (m *Mapper) named(cluster string) string {
	switch name, known := m.clusters[cluster]; {
	case cluster == "" || cluster == m.state.Cluster:
		return m.name
	case known:
		return name
	}
	return realmName(cluster)
}

// realmName folds a cluster name into the letters that a realm may have.
func realmName(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '.', r == '-', r == '_':
			return r
		}
		return '_'
	}, clean(s, maxName))
}

func (m *Mapper) system(cluster string) string { return "teleport/" + m.named(cluster) }

func (m *Mapper) id(cluster, realm, local string) events.ID {
	if local == "" {
		return ""
	}
	return events.NewID(m.system(cluster)+"/"+realm, local)
}

// subject is the id of the record's user. A leaf cluster's record names the root
// cluster that the user belongs to.
func (m *Mapper) subject(rec *record, w *who) events.ID {
	cluster := w.UserCluster
	if cluster == "" {
		cluster = rec.Cluster
	}
	return m.account(cluster, w.User, w.kind())
}

// actor is who did what the record says, by the name in user or updated_by.
func (m *Mapper) actor(rec *record, name string) events.ID {
	return m.account(rec.Cluster, name, "")
}

func (m *Mapper) account(cluster, name, kind string) events.ID {
	if host, ok := hostOf(name); ok {
		return m.id(cluster, realmHost, host)
	}
	if kind == kindSystem {
		return m.id(cluster, realmSystem, name)
	}
	return m.id(cluster, realmUser, name)
}

// hostOf recognises the identity of an auth server or agent, "<host uuid>.<cluster>",
// under which tctl acts on the server itself. It is not a person.
func hostOf(name string) (host string, ok bool) {
	if len(name) < 38 || name[36] != '.' {
		return "", false
	}
	for i, c := range []byte(name[:36]) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		hex := '0' <= c && c <= '9' || 'a' <= c && c <= 'f'
		if dash != (c == '-') || !dash && !hex {
			return "", false
		}
	}
	return name[:36], true
}

func (w *who) kind() string { return string(w.UserKind) }

// aliases are the user's other ids in the record: the bot, and the e-mail address
// where the traits hold exactly one. Other traits do not identify.
func (m *Mapper) aliases(rec *record, w *who) []events.ID {
	return m.aliasesOf(rec, w.BotName, w.Traits)
}

func (m *Mapper) aliasesOf(rec *record, bot string, traits jsontext.Value) []events.ID {
	var ids []events.ID
	if bot != "" {
		ids = append(ids, m.id(rec.Cluster, realmBot, bot))
	}
	if mail := email(traits); mail != "" {
		ids = append(ids, mail)
	}
	return ids
}

// emailKeys are the names under which identity providers send an address.
var emailKeys = map[string]bool{
	"email": true, "mail": true, "emailaddress": true, "email_address": true,
	"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress": true,
}

// email is the one address in a map of traits or attributes, else "". Traits are
// free-form, so what is not in the form of an address is passed over, not refused.
func email(traits jsontext.Value) events.ID {
	var fields map[string]jsontext.Value
	if len(traits) == 0 || json.Unmarshal(traits, &fields) != nil {
		return ""
	}
	found := ""
	for key, raw := range fields {
		if !emailKeys[strings.ToLower(key)] {
			continue
		}
		for _, address := range texts(raw) {
			switch {
			case !isEmail(address):
			case found == "" || strings.EqualFold(found, address):
				found = min(address, orElse(found, address)) // not by map order
			default:
				return "" // two people, or one with two names: it identifies nobody
			}
		}
	}
	if found == "" {
		return ""
	}
	return events.NewID(realmMail, found)
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// texts reads a string or a list of strings.
func texts(raw jsontext.Value) []string {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}
	}
	var many []string
	if json.Unmarshal(raw, &many) == nil {
		return many
	}
	return nil
}

func isEmail(s string) bool {
	at := strings.IndexByte(s, '@')
	return at > 0 && at == strings.LastIndexByte(s, '@') && at < len(s)-1 && len(s) <= 254 &&
		!strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f && r < 0xa0 })
}
