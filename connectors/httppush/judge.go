package httppush

import (
	"errors"
	"fmt"

	"github.com/overstay/overstay/events"
)

// invalid lists what is wrong with the events of a request: what the decoder
// refused, and the types that no source may say.
func invalid(items []Item) []EventError {
	var errs []EventError
	for _, it := range items {
		// A forged type first: what else is wrong with such an event does not matter.
		if typ := it.Event.Type; typ.Known() && !typ.FromSource() {
			errs = append(errs, EventError{
				Index: it.Index, ID: it.Event.ID, Field: "type",
				Reason: fmt.Sprintf("%s comes from Overstay itself and is taken from no source", typ.Short()),
			})
			continue
		}
		if it.Err != nil {
			errs = append(errs, refused(it)...)
		}
	}
	return errs
}

// refused turns one item's error into an entry for each field at fault.
func refused(it Item) []EventError {
	var fields *events.InvalidError
	if !errors.As(it.Err, &fields) {
		return []EventError{{Index: it.Index, ID: it.Event.ID, Reason: it.Err.Error()}}
	}
	errs := make([]EventError, len(fields.Fields))
	for i, f := range fields.Fields {
		errs[i] = EventError{Index: it.Index, ID: it.Event.ID, Field: f.Field, Reason: f.Reason}
	}
	return errs
}
