package httppush

import (
	"net/http"
	"slices"
	"testing"
)

// Whatever is posted, the answer is one that the page documents, and something
// is stored only when it says so.
func FuzzPost(f *testing.F) {
	f.Add(mediaEvent, "", []byte(rotated("a")))
	f.Add(mediaBatch, "", []byte(batchOf(rotated("a"), `{"id":1}`)))
	f.Add(mediaJSON, "1.0", []byte(`{"credentialId":"x"}`))
	f.Add(mediaBatch, "", []byte(`[[],{"data":{"id":["`))
	f.Fuzz(func(t *testing.T, media, version string, body []byte) {
		j := &journal{}
		r := request{media: media, body: string(body)}
		if version != "" {
			r.header = map[string]string{"Ce-Specversion": version, "Ce-Id": "a", "Ce-Source": "vault://prod",
				"Ce-Type": "dev.overstay.credential.rotated", "Ce-Time": "2026-10-01T10:00:00Z"}
		}
		rec := r.send(gateway(t, j))
		if !slices.Contains([]int{202, 400, 403, 413, 415, 422}, rec.Code) {
			t.Fatalf("status %d: %s", rec.Code, rec.Body)
		}
		if rec.Code != http.StatusAccepted {
			problemOf(t, rec)
			if len(j.stored) > 0 {
				t.Fatalf("refused with %d, and %d events stored", rec.Code, len(j.stored))
			}
		}
		for i := range j.stored {
			if err := j.stored[i].Validate(); err != nil || !j.stored[i].Type.FromSource() {
				t.Fatalf("stored %+v: %v", j.stored[i], err)
			}
		}
	})
}
