package httppush

import "net/http"

// Protect asks for a client's token before a page about the program itself is
// shown. Where everybody may post, everybody may read.
func (g *Gateway) Protect(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, p := g.clients.authenticate(r.Header.Values("Authorization")); p != nil {
			p.write(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}
