// Package connectortest is the test kit for authors of connectors. A source
// joins it in a few lines:
//
//	func TestConformance(t *testing.T) {
//		connectortest.Run(t, connectortest.Suite{
//			New: func(t *testing.T, log *slog.Logger) connectors.Source {
//				return vault.New(vault.Config{Path: "testdata/audit.jsonl"}, log)
//			},
//			Secrets: []string{"hvs.CAESIJ", "s3cr3t"},
//		})
//	}
//
// It reads the same input over and over and checks what the engine builds on:
//
//   - a second run says the same things with the same ids;
//   - a run that was stopped after any batch, and continued from its cursor by a
//     new source, says exactly what was left to say;
//   - a batch that could not be made durable ends the run, and is said again;
//   - every event is valid, may come from a connector and bears its source;
//   - a source that is told to stop has returned within a second;
//   - no secret shows in an event, a cursor, an error, a skip or a log line.
//
// What a source says about itself (class "source": progress, resumed, snapshots)
// is checked to be valid but not compared between runs: it is about the run.
//
// Imports events and connectors, and the testing package; only tests import it.
package connectortest
