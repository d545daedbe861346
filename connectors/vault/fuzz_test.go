package vault

import (
	"strings"
	"testing"
)

// The line parsers take anything, and what they let through keeps their bounds.
func FuzzParseRecord(f *testing.F) {
	f.Add([]byte(`{"time":"2026-10-01T12:00:00.5Z","type":"response","auth":{"accessor":"a"},"request":{"id":"1","path":"sys/leases/revoke","namespace":{"id":"root"},"data":{"lease_id":"hmac-sha256:00"}},"response":{"auth":{"token_ttl":1},"wrap_info":{"ttl":1}}}`))
	f.Add([]byte(`{"time":"2026-10-01T12:00:00Z","type":"request","request":{"id":"1"},"error":"x"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := parseRecord(line)
		if err != nil {
			return
		}
		if r.Time.IsZero() || r.Request.ID == "" || len(r.Request.Path) > maxText {
			t.Errorf("let through %+v", r)
		}
		_, _, _ = r.mount(), r.fullPath(), revokes(&r)
		_, _ = field[string](r.Request.Data, "lease_id")
	})
}

func FuzzParseServer(f *testing.F) {
	f.Add([]byte(`2026-10-01T12:00:00.000Z [INFO]  expiration: revoked lease: lease_id=a/b`))
	f.Add([]byte(`2026-10-01T12:00:00.000+0100 [ERROR] expiration: failed to revoke lease: lease_id="a b" error="x\"y" attempts=1`))
	f.Add([]byte(`{"@timestamp":"2026-10-01T12:00:00.000Z","@module":"expiration","@message":"revoked lease","lease_id":"a/b","error":{}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		s, err := parseServer(line)
		if err != nil || s.What == serverOther {
			return
		}
		if s.Time.IsZero() || s.Step <= 0 || s.LeaseID == "" || len(s.Error) > 300 || strings.ContainsAny(s.Error, "\n\r\x00") {
			t.Errorf("let through %+v", s)
		}
	})
}
