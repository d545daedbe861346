package vault

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// record is one line of an audit device: what OpenBao's audit/format.go writes,
// as far as it is about access. Tokens are in it only as hashes, unless the
// device was set to log_raw; they are never read, raw or not, except as a key to
// find the same hash again.
type record struct {
	Time     time.Time    `json:"time"`
	Type     string       `json:"type"` // "request" or "response"
	Auth     authPart     `json:"auth"`
	Request  requestPart  `json:"request"`
	Response responsePart `json:"response"`
	Error    string       `json:"error"`
}

type authPart struct {
	ClientToken    string         `json:"client_token"`
	Accessor       string         `json:"accessor"`
	DisplayName    string         `json:"display_name"`
	Policies       []string       `json:"policies"`
	Metadata       map[string]any `json:"metadata"`
	EntityID       string         `json:"entity_id"`
	TokenType      string         `json:"token_type"`
	TokenTTL       int64          `json:"token_ttl"` // seconds, as at creation
	TokenIssueTime time.Time      `json:"token_issue_time"`
}

type requestPart struct {
	ID                  string         `json:"id"`
	Operation           string         `json:"operation"`
	ClientTokenAccessor string         `json:"client_token_accessor"`
	MountPoint          string         `json:"mount_point"`
	MountType           string         `json:"mount_type"`
	MountAccessor       string         `json:"mount_accessor"`
	Namespace           namespacePart  `json:"namespace"`
	Path                string         `json:"path"`
	Data                jsontext.Value `json:"data"`
}

type namespacePart struct {
	ID   string `json:"id"`
	Path string `json:"path"`
}

type responsePart struct {
	Auth     *authPart      `json:"auth"`
	Secret   *secretPart    `json:"secret"`
	Data     jsontext.Value `json:"data"`
	WrapInfo *wrapPart      `json:"wrap_info"`
}

type secretPart struct {
	LeaseID string `json:"lease_id"`
}

type wrapPart struct {
	TTL             int64     `json:"ttl"` // seconds
	Token           string    `json:"token"`
	Accessor        string    `json:"accessor"`
	CreationTime    time.Time `json:"creation_time"`
	CreationPath    string    `json:"creation_path"`
	WrappedAccessor string    `json:"wrapped_accessor"`
}

// The types of a line that are read. Enterprise servers write others (KMIP),
// which carry no auth.
const (
	typeRequest  = "request"
	typeResponse = "response"
)

// errOtherType marks a well-formed line of a type that is not about access.
var errOtherType = errors.New("a line of another type")

// maxText bounds each text that is kept of a line.
const maxText = 1024

// parseRecord reads one line. Duplicate names and invalid UTF-8 are refused: two
// readers could take such a line for two different things.
func parseRecord(line []byte) (record, error) {
	var r record
	if err := json.Unmarshal(line, &r); err != nil {
		return record{}, cleanError(err)
	}
	if r.Type != typeRequest && r.Type != typeResponse {
		return record{}, fmt.Errorf("%w: %.40q", errOtherType, r.Type)
	}
	switch {
	case r.Time.IsZero():
		return record{}, errors.New("the line has no time")
	case r.Request.ID == "":
		return record{}, errors.New("the line has no request.id")
	}
	for name, text := range map[string]string{
		"request.id": r.Request.ID, "request.path": r.Request.Path, "auth.accessor": r.Auth.Accessor,
		"auth.entity_id": r.Auth.EntityID, "request.namespace.path": r.Request.Namespace.Path,
	} {
		if len(text) > maxText {
			return record{}, fmt.Errorf("%s has %d bytes, more than %d", name, len(text), maxText)
		}
	}
	return r, nil
}

// cleanError keeps of a decoder's error the place and not the text, which may
// quote the line.
func cleanError(err error) error {
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		return fmt.Errorf("not JSON at byte %d", syntax.ByteOffset)
	}
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		return fmt.Errorf("%s is not a %v", semantic.JSONPointer, semantic.GoType)
	}
	return errors.New("not an audit record")
}

// failed reports a call that had no effect.
func (r *record) failed() bool { return r.Error != "" }

// namespace is the id of the namespace, empty for the root. Lease ids of the
// others end in "." and it.
func (r *record) namespace() string {
	if r.Request.Namespace.ID == "root" {
		return ""
	}
	return r.Request.Namespace.ID
}

// fullPath is the path from the root namespace on.
func (r *record) fullPath() string { return r.Request.Namespace.Path + r.Request.Path }

// mount is where the request went, from the root namespace on and without the
// slash at its end. Servers write mount_point with the namespace or without it.
func (r *record) mount() string {
	point := r.Request.MountPoint
	if ns := r.Request.Namespace.Path; !strings.HasPrefix(point, ns) {
		point = ns + point
	}
	if point == r.Request.Namespace.Path { // old servers do not write it
		point, _, _ = strings.Cut(r.Request.Path, "/")
		if point == "auth" {
			rest := strings.TrimPrefix(r.Request.Path, "auth/")
			name, _, _ := strings.Cut(rest, "/")
			point += "/" + name
		}
		point = r.Request.Namespace.Path + point
	}
	return strings.TrimSuffix(point, "/")
}

// field reads one value of request.data or response.data. ok is false when it is
// not there or of another JSON type.
func field[T any](data jsontext.Value, name string) (v T, ok bool) {
	if len(data) == 0 {
		return v, false
	}
	var all map[string]jsontext.Value
	if json.Unmarshal(data, &all) != nil || len(all[name]) == 0 || string(all[name]) == "null" {
		return v, false
	}
	return v, json.Unmarshal(all[name], &v) == nil
}

// hashed reports whether an audit device has replaced a value by its hash.
func hashed(s string) bool { return strings.HasPrefix(s, "hmac-sha256:") }

// onlyHash leaves out a token that a device with log_raw shows: it must not get
// into the state.
func onlyHash(s string) string {
	if !hashed(s) {
		return ""
	}
	return s
}
