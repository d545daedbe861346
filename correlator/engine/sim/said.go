package sim

import (
	"encoding/json"

	"github.com/overstay/overstay/store/eventlog"
)

// said is what the judge looks at in a published alert.
type said struct {
	id                           string
	Rule, State, Closing, Source string
	Provisional                  bool
	evidences                    []evidence
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
			Unmapped  struct {
				Overstay said `json:"overstay"`
			} `json:"unmapped"`
		} `json:"data"`
	}
	if err := json.Unmarshal(m.Body, &ce); err != nil {
		return said{}, err
	}
	v := ce.Data.Unmapped.Overstay
	v.id, v.evidences = ce.Data.Info.UID, ce.Data.Evidences
	return v, nil
}
