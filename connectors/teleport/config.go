package teleport

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"time"

	"github.com/overstay/overstay/connectors/tail"
	"github.com/overstay/overstay/events"
)

// Config says which audit log is read.
type Config struct {
	// Name is the cluster's name here: "teleport://<Name>" is the source and
	// "teleport/<Name>" the system. Lower-case letters, digits and "-_.". Empty:
	// the cluster_name of the first record in Paths that has one.
	Name string
	// Paths are the log files, one for each auth server.
	Paths []string
	// Follow keeps reading what is appended, through rotation; otherwise the
	// source ends at the end of the files.
	Follow bool
	// Clusters gives names to other clusters by their cluster_name, see NewMapper.
	Clusters map[string]string
	// Batch is how many lines' events are made durable together; default 256.
	Batch int
	// Poll is the time between looks at a quiet file; default 200 ms.
	Poll time.Duration
	// Now is the wall clock, for progress; default time.Now.
	Now func() time.Time
	// Wait passes time between polls; default tail.Sleep.
	Wait func(context.Context, time.Duration) error
}

var names = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,127}$`)

// New checks the configuration. It reads a file only when Name is empty.
func New(cfg Config, log *slog.Logger) (*Source, error) {
	if len(cfg.Paths) == 0 {
		return nil, errors.New("teleport: no audit log file is configured")
	}
	if cfg.Name == "" {
		cluster, err := clusterName(cfg.Paths)
		if err != nil {
			return nil, fmt.Errorf("teleport: no name is configured, and none could be found: %w", err)
		}
		cfg.Name = realmName(cluster)
	}
	if !names.MatchString(cfg.Name) {
		return nil, fmt.Errorf("teleport: name %q has other characters than a-z, 0-9 and ._- or is too long", clean(cfg.Name, 80))
	}
	for cluster, name := range cfg.Clusters {
		if !names.MatchString(name) {
			return nil, fmt.Errorf("teleport: the name %q of cluster %q has other characters than a-z, 0-9 and ._-",
				clean(name, 80), clean(cluster, 80))
		}
	}
	if cfg.Batch <= 0 {
		cfg.Batch = batchLines
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Wait == nil {
		cfg.Wait = tail.Sleep
	}
	return &Source{cfg: cfg, log: log}, nil
}

// clusterName looks for the first cluster_name in the files.
func clusterName(paths []string) (string, error) {
	for _, path := range paths {
		name, err := firstClusterName(path)
		if err != nil {
			return "", err
		}
		if name != "" {
			return name, nil
		}
	}
	return "", fmt.Errorf("no record in the first %d lines of %q names its cluster", nameLines, paths)
}

func firstClusterName(path string) (name string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("look for the cluster's name: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	lines := bufio.NewScanner(f)
	lines.Buffer(make([]byte, 0, 64<<10), MaxLine)
	for n := 0; n < nameLines && lines.Scan(); n++ {
		if rec, err := readRecord(lines.Bytes()); err == nil && rec.Cluster != "" {
			return rec.Cluster, nil
		}
	}
	if err := lines.Err(); err != nil {
		return "", fmt.Errorf("look for the cluster's name in %s: %w", path, err)
	}
	return "", nil
}

// Capabilities is what this connector promises. Sessions always end in the log,
// or with the certificate that they are scheduled to end with; certificates run
// out in silence, at their exact time; every change of a membership is written.
func Capabilities(name string, follow bool) events.Capabilities {
	c := events.Capabilities{
		EndReporting: map[events.AccessKind]events.EndReporting{
			events.KindSession:    events.EndsAlways,
			events.KindLease:      events.EndsNever,
			events.KindMembership: events.EndsAlways,
		},
		Realms: Realms(name),
	}
	if follow {
		c.Progress, c.Every = true, events.Duration(progressOwed)
	}
	return c
}
