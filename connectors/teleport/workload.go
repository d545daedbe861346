package teleport

import (
	"strings"

	"github.com/overstay/overstay/events"
)

// svidIssued maps a workload's SVID. The record does not say when it expires.
func (m *Mapper) svidIssued(rec *record) (Outcome, error) {
	var s struct {
		who
		SPIFFEID string `json:"spiffe_id"`
		Serial   string `json:"serial_number"`
		JTI      string `json:"jti"`
		Type     string `json:"svid_type"`
	}
	if err := rec.fields(&s); err != nil {
		return Unreadable, err
	}
	credential := events.CredentialCertificate
	if strings.EqualFold(s.Type, "jwt") {
		credential = events.CredentialToken
	}
	subject := m.subject(rec, &s.who)
	refs, err := m.refs(rec, subject, s.AccessRequests)
	if err != nil {
		return Unreadable, err
	}
	err = rec.say(events.LeaseIssued, "", subject, &events.Lease{
		Meta:       events.Meta{Actor: subject, Aliases: m.aliases(rec, &s.who)},
		LeaseID:    "svid:" + clean(orElse(orElse(s.Serial, s.JTI), rec.id()), maxName),
		Credential: credential,
		Scope: events.Scope{System: m.system(rec.Cluster), Resource: "workload",
			Role: clean(s.SPIFFEID, maxName)},
		Expiry:    &events.Expiry{Kind: events.ExpiryUnknown},
		Approvals: refs,
	})
	if err != nil {
		return Unreadable, err
	}
	return said(rec), nil
}

// botJoined maps a bot's login to the link between the bot and the user that it
// acts as. Its certificates have their own records.
func (m *Mapper) botJoined(rec *record) (Outcome, error) {
	var b struct {
		BotName  string `json:"bot_name"`
		UserName string `json:"user_name"`
		Success  *bool  `json:"success"`
	}
	if err := rec.fields(&b); err != nil {
		return Unreadable, err
	}
	if b.Success != nil && !*b.Success || b.BotName == "" {
		return NotAccess, nil
	}
	user := orElse(b.UserName, "bot-"+b.BotName) // how Teleport names a bot's user
	err := rec.say(events.IdentityLinked, "", m.actor(rec, user), &events.IdentityLink{
		Other: m.id(rec.Cluster, realmBot, b.BotName),
	})
	if err != nil {
		return Unreadable, err
	}
	return said(rec), nil
}
