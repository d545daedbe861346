package httppush

import (
	"net"
	"net/http"
)

// LoopbackOnly guards a handler that anybody on this machine may use. A page in a
// browser here is not such a body: by a name that it makes point to this machine
// it would be let in, and could post an end that never was. So a request must be
// addressed to the machine itself, and may come from no web page.
func LoopbackOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Origin") != "" || !loopbackName(r.Host) {
			problem(http.StatusForbidden, "not-for-pages", "Not for web pages",
				"Without clients configured, requests are taken that are addressed to localhost or a loopback address and come from no web page.").write(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func loopbackName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(trimBrackets(host))
	return ip != nil && ip.IsLoopback()
}

func trimBrackets(host string) string {
	if n := len(host); n > 1 && host[0] == '[' && host[n-1] == ']' {
		return host[1 : n-1]
	}
	return host
}
