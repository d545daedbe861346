package correlator

import "slices"

// flush writes the records that changed, in key order.
func (s *step) flush() {
	owners := make([]string, 0, len(s.changed))
	for o := range s.changed {
		owners = append(owners, o)
	}
	slices.Sort(owners)
	for _, o := range owners {
		var rec any
		switch o[:1] {
		case ownAccess:
			rec = s.accesses[accessKey(o[1:])]
		case ownApproval:
			rec = s.approvals[approvalKey(o[1:])]
		case ownSource:
			rec = s.sources[o[1:]]
		case keyLedger:
			rec = s.ledgers[o[1:]]
		}
		s.st.Put([]byte(o), encodeRecord(rec))
	}
	s.st.Put([]byte(keyMeta), encodeRecord(s.meta))
}

// access reads a record through the step's cache, nil when there is none.
func (s *step) access(k accessKey) *access {
	if x, ok := s.accesses[k]; ok {
		return x
	}
	x := &access{}
	if !decodeRecord(s.st.Get([]byte(keyAccess+string(k))), x) {
		x = nil
	}
	s.accesses[k] = x
	return x
}

func (s *step) accessOrNew(k accessKey) *access {
	x := s.access(k)
	if x == nil {
		x = &access{Key: k}
		s.accesses[k] = x
		r := s.sourceOrNew(k.source())
		r.Accesses = true
	}
	s.changed[ownAccess+string(k)] = true
	return x
}

func (s *step) approval(k approvalKey) *approval {
	if a, ok := s.approvals[k]; ok {
		return a
	}
	a := &approval{}
	if !decodeRecord(s.st.Get([]byte(keyApproval+string(k))), a) {
		a = nil
	}
	s.approvals[k] = a
	return a
}

func (s *step) source(uri string) *source {
	if r, ok := s.sources[uri]; ok {
		return r
	}
	r := &source{}
	if !decodeRecord(s.st.Get([]byte(keySource+uri)), r) {
		r = nil
	}
	s.sources[uri] = r
	return r
}

func (s *step) sourceOrNew(uri string) *source {
	r := s.source(uri)
	if r == nil {
		r = &source{URI: uri, Coverage: Forever}
		s.sources[uri] = r
	}
	s.changed[ownSource+uri] = true
	return r
}
