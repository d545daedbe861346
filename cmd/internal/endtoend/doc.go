// Package endtoend proves what the parts promise together: it runs the whole
// program, as its users do, and breaks it. It has no code but tests:
//
//	kill_test.go     kill -9 while events flow, over and over, at any moment and
//	                 at each of app.Points; the alerts are those of a run in peace
//	damage_test.go   one flipped bit, and the log loses its end
//	anyfile_test.go  one flipped bit, or a cut, in any file of the data folder:
//	                 nothing is silent
//	restore_test.go  kill -9 in the middle of a restore: nothing works on what it
//	                 left, and the next restore finishes it
//	flood_test.go    one client floods, and another one waits for its turn
//	slapd_test.go    a real directory: a membership outlives its window, and ends
//	absence_test.go  a log that is not there confirms nothing, and it shows
//	hostile_test.go  bad input through every door; the events around it count
//
// main_test.go lets the test binary be the program, so that it can be killed.
package endtoend
