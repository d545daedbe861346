package vault

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

// hasher answers what an audit device writes in place of a text, now: hashes of
// an earlier salt it cannot tell.
type hasher interface {
	Hash(ctx context.Context, device, input string) (string, error)
}

// auditHash asks Vault (POST sys/audit-hash/<device>). The token is read from its
// file at each call, because an agent renews it there.
type auditHash struct {
	address   string
	tokenFile string
	client    *http.Client
}

const (
	auditHashTimeout = 5 * time.Second
	maxAnswer        = 64 << 10
)

func (h *auditHash) Hash(ctx context.Context, device, input string) (string, error) {
	token, err := os.ReadFile(h.tokenFile)
	if err != nil {
		return "", fmt.Errorf("reading the Vault token: %w", err)
	}
	body, err := json.Marshal(map[string]string{"input": input})
	if err != nil {
		return "", fmt.Errorf("asking sys/audit-hash/%s: %w", device, err)
	}
	ctx, cancel := context.WithTimeout(ctx, auditHashTimeout)
	defer cancel()
	to := strings.TrimSuffix(h.address, "/") + "/v1/sys/audit-hash/" + url.PathEscape(device)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("asking sys/audit-hash/%s: %w", device, err)
	}
	req.Header.Set("X-Vault-Token", strings.TrimSpace(string(token)))
	req.Header.Set("Content-Type", "application/json")
	resp, err := h.client.Do(req)
	if err != nil {
		return "", fmt.Errorf("asking sys/audit-hash/%s: %w", device, err)
	}
	defer func() { _ = resp.Body.Close() }() // read to its end or given up on
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("asking sys/audit-hash/%s: status %d; the token needs update on that path", device, resp.StatusCode)
	}
	var answer struct {
		Hash string `json:"hash"`
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err == nil {
		err = json.Unmarshal(text, &answer)
	}
	if err != nil || !hashed(answer.Hash) {
		return "", fmt.Errorf("asking sys/audit-hash/%s: the answer has no hash", device)
	}
	return answer.Hash, nil
}

// maxHashes bounds the calls for one line. They are in Vault's audit log as well.
const maxHashes = 2000

// findHash asks for the hashes of candidates until one is what the line says. All
// answers are kept, so that each candidate is asked for once.
func (t *translator) findHash(ctx context.Context, c *call, text func(*record) string, ids []string) string {
	for i := range c.views {
		v := &c.views[i]
		want := text(&v.rec)
		if !hashed(want) {
			continue
		}
		for n, id := range ids {
			key := t.st.name(v.device, "hmac-sha256: "+id) // the salt's epoch is in it
			if n >= maxHashes || t.asked[key] {
				continue
			}
			got, err := t.hash.Hash(ctx, v.device, strings.TrimPrefix(id, tokenID("")))
			if err != nil {
				t.skip(skipAuditHash, v.place, err)
				return ""
			}
			t.asked[key] = true
			t.st.Names[t.st.name(v.device, got)] = id
			if got == want {
				return id
			}
		}
	}
	return ""
}

// tokenByHash finds a token whose accessor is in clear in auth and hashed in the
// request (hmac_accessor=false).
func (t *translator) tokenByHash(ctx context.Context, c *call, accessor func(*record) string) string {
	if t.hash == nil {
		return ""
	}
	var live []string
	for id, tok := range t.st.Tokens {
		if !hashed(strings.TrimPrefix(id, tokenID(""))) && (tok.End == nil || !tok.End.Observed) {
			live = append(live, id)
		}
	}
	t.newestFirst(live)
	return t.findHash(ctx, c, accessor, live)
}
