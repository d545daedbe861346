package httppush

import "github.com/overstay/overstay/events"

// Item is one event of a request, or why it could not be read.
type Item struct {
	Index int
	Event events.Event
	Err   error
}
