// Package render writes what package review found out for those who read it: a
// report as one HTML page that needs nothing else, or as CSV tables. It only lays
// out; every value comes from the report.
//
// What comes from outside is data: escaped in HTML, and in CSV kept from being
// taken for a formula. Imports review and what that speaks in.
package render
