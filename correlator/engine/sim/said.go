package sim

import (
	"encoding/json"
	"time"

	"github.com/overstay/overstay/store/eventlog"
)

// said is what the judge looks at in a published alert.
type said struct {
	id                           string
	Rule, State, Closing, Source string
	Provisional                  bool
	Revision                     uint64
	Due, Fired                   time.Time
	evidences                    []evidence
	message                      string
}

// evidence is one facet of an alert.
type evidence struct {
	Data struct{ ID, From, To, Basis, Closed string } `json:"data"`
}

func readSaid(m eventlog.Message) (said, error) {
	var ce struct {
		Data struct {
			Info struct {
				UID string `json:"uid"`
			} `json:"finding_info"`
			Evidences []evidence `json:"evidences"`
			Message   string     `json:"message"`
			Unmapped  struct {
				Overstay said `json:"overstay"`
			} `json:"unmapped"`
		} `json:"data"`
	}
	if err := json.Unmarshal(m.Body, &ce); err != nil {
		return said{}, err
	}
	v := ce.Data.Unmapped.Overstay
	v.id, v.evidences, v.message = ce.Data.Info.UID, ce.Data.Evidences, ce.Data.Message
	return v, nil
}
