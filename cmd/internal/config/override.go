package config

import (
	"fmt"
	"path/filepath"

	"github.com/overstay/overstay/cmd/internal/memory"
)

// Override is what command-line flags put in the place of what the file says;
// empty fields change nothing.
type Override struct {
	DataDir    string // relative to the working directory
	HTTPListen string
	NATSListen string
	Memory     string // a size, "512MiB"
}

// FlagError says what is wrong with a flag's value, and what to do about it.
type FlagError struct {
	Flag, Message, Hint string
}

func (e *FlagError) Error() string { return "--" + e.Flag + ": " + e.Message }

// Apply puts the flags' values in and holds them to the rules of the file: what
// strangers reach asks who they are.
func (c *Config) Apply(o Override) error {
	if o.DataDir != "" {
		c.DataDir = o.DataDir
	}
	dir, err := filepath.Abs(c.DataDir)
	if err != nil {
		return fmt.Errorf("find the data folder %s: %w", c.DataDir, err)
	}
	c.DataDir = dir
	if o.Memory != "" {
		if c.Memory, err = memory.Parse(o.Memory); err != nil {
			return &FlagError{"memory", err.Error(), `write a whole number and its unit, such as "512MiB"`}
		}
	}
	if o.HTTPListen != "" {
		if err := c.listenHTTP(o.HTTPListen); err != nil {
			return err
		}
	}
	if o.NATSListen != "" {
		return c.listenNATS(o.NATSListen)
	}
	return nil
}

func (c *Config) listenHTTP(listen string) error {
	const flag = "http-listen"
	if message, hint := address(listen); message != "" {
		return &FlagError{flag, message, hint}
	}
	if len(c.HTTP.Clients) == 0 && !loopback(listen) {
		return &FlagError{flag, fmt.Sprintf("%q is reached from other machines, and everybody there could post events and read who holds what", listen),
			"list http.clients with tokens in a configuration file, or listen on 127.0.0.1"}
	}
	c.HTTP.Listen = listen
	return nil
}

func (c *Config) listenNATS(listen string) error {
	const flag = "nats-listen"
	if message, hint := address(listen); message != "" {
		return &FlagError{flag, message, hint}
	}
	if c.NATS.URL != "" {
		return &FlagError{flag, "is of the embedded server, and nats.url names another", "remove one of the two"}
	}
	if c.NATS.Operator == nil && c.NATS.Subscriber == nil && !loopback(listen) {
		return &FlagError{flag, fmt.Sprintf("%q is reached from other machines, and everybody there could read the alerts", listen),
			"configure nats.subscriber in a configuration file, or listen on 127.0.0.1"}
	}
	c.NATS.Listen = listen
	return nil
}
