package events

// DecodeNATS reads the CloudEvent of a NATS message (CloudEvents NATS binding
// 1.0.3-wip): structured when the content type begins with
// application/cloudevents, else binary, with the attributes, datacontenttype
// included, in percent-encoded ce- headers of either case. A message with neither
// is refused and its body not guessed at: a stray message on a subject of ours
// must not turn into an event because it looks like one. The SDK's NATS bindings
// are not used; they neither encode nor decode, set no content type, and compare
// header names with case.
//
// The error is a [*DecodeError].
func DecodeNATS(header map[string][]string, body []byte) (Event, error) {
	ev, err := decodeNATS(header, body)
	if err != nil {
		return Event{}, err
	}
	return ev, nil
}

func decodeNATS(header map[string][]string, body []byte) (Event, *DecodeError) {
	h, err := readHeaders(header)
	if err != nil {
		return Event{}, err
	}
	m, err := h.mode()
	if err != nil {
		return Event{}, err
	}
	switch m {
	case modeStructured:
		env, err := readEnvelope(body, false)
		if err != nil {
			return Event{}, err
		}
		return env.event()
	case modeBatch:
		return Event{}, refuse(ReasonContentType, "header content-type", "NATS has no batches: one event a message")
	}
	if ct := h.contentType; ct != "" {
		// Not in the binding, but what Kafka's and HTTP's habits lead to.
		if stated, ok := h.attributes["datacontenttype"]; ok && stated != ct {
			return Event{}, refuse(ReasonBadAttribute, "header ce-datacontenttype", "and Content-Type say different things")
		}
		h.attributes["datacontenttype"] = ct
	}
	return h.binary(body, percentDecode)
}

// EncodeNATS writes an event as a structured NATS message, so that one byte
// string can be hashed and signed. It fails as [Encode] does.
func EncodeNATS(e Event) (header map[string][]string, body []byte, err error) {
	body, err = Encode(e)
	if err != nil {
		return nil, nil, err
	}
	return map[string][]string{"Content-Type": {ContentTypeEvent}}, body, nil
}
