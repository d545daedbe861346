// Package httppush is the HTTP gateway: POST /v1/events takes CloudEvents from
// anything that can speak HTTP and answers 2xx only after the log has
// acknowledged all of them.
//
// A request passes the stages of [Gateway.ServeHTTP] in order, cheap before
// dear: method, who is asking, how busy that client is, what is being sent and
// how large, then the body, its decoding, each event, and the log. Nothing of a
// body is read for somebody who has not said who they are, and nothing is
// stored unless every event of the request is good.
//
// Every refusal is an RFC 9457 problem document. Where events are at fault its
// "errors" list says which event of the batch, by index and id, which field,
// and why. 429 and 503 carry Retry-After; sending the same events again is
// always safe, since an event is known by its source and id.
//
// A client is known by a bearer token, of which only the SHA-256 is kept, and
// speaks for the sources that it was given and for no others. Types that only
// Overstay itself may say (ticks, policies, operator marks, its own
// observations) are refused from everybody.
//
// The log line of a request says who, what came of it and how many events;
// never a token, a header or a body.
//
// May import events; never correlator, store or another connector. It decides
// nothing about access.
package httppush
