package correlator

// For the tests of package correlator_test, which play scenarios: package scenario
// imports this one.
var (
	ValidateOCSF = validateOCSF
	ValidateOwn  = validateOwn
	Encoded      = encoded
	DocsPage     = docsPage
)
