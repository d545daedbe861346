// Package storetest proves that an implementation of store.Store means what the
// interface says. Each implementation's tests call Run.
//
// Imports store and the testing packages; only tests import it.
package storetest
