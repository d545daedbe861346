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

// Reading guards what tells who holds which access: a client's token is asked for, and
// the client must be one that may read. What sends events needs no more than that.
func (g *Gateway) Reading(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, p := g.clients.authenticate(r.Header.Values("Authorization"))
		if p == nil && !who.reads {
			p = notAReader(who.name)
		}
		if p != nil {
			p.write(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}
