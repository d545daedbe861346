package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"

	"github.com/overstay/overstay/cmd/internal/config"
)

// endpoints is the file in the data folder that tells the other commands where
// the server is. It is there while the server runs.
type endpoints struct {
	HTTP string `json:"http"`
	NATS string `json:"nats,omitempty"`
	// Reviewer reads the log of an embedded server. Only its own user can read the
	// file, who can read the log's files as well.
	Reviewer *login `json:"reviewer,omitempty"`
}

// login is a user of an embedded NATS server, made anew at each start.
type login struct {
	User     string `json:"user"`
	Password string `json:"password"`
}

const endpointsFile = "endpoints.json"

// The addresses of a server that was told nothing.
const (
	defaultHTTP = "http://" + config.DefaultHTTPListen
	defaultNATS = "nats://" + config.DefaultNATSListen
)

// write leaves the file, whole or not at all.
func (e endpoints) write(dir string) error {
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("tell where the server is: %w", err)
	}
	path := filepath.Join(dir, endpointsFile)
	if err := os.WriteFile(path+".new", append(body, '\n'), 0o600); err != nil {
		return fmt.Errorf("tell where the server is: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("tell where the server is: %w", err)
	}
	return nil
}

func removeEndpoints(dir string) error {
	if err := os.Remove(filepath.Join(dir, endpointsFile)); err != nil {
		return fmt.Errorf("take back where the server is: %w", err)
	}
	return nil
}

// findServer finds one of a running server's addresses: the flag's, else that in the
// data folder if it is on this machine, else the default.
func findServer(flag, dir, fallback string, pick func(endpoints) string) (string, error) {
	if flag != "" {
		return flag, nil
	}
	named := dir != ""
	if !named {
		dir = config.DefaultDataDir
	}
	e, err := readEndpoints(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !named:
		return fallback, nil
	case errors.Is(err, fs.ErrNotExist):
		return "", unreachablef("start it with: overstay serve --data "+dir, "no server runs on the data folder %s", dir)
	case errors.Is(err, fs.ErrPermission):
		return "", noState(dir, err)
	case err != nil:
		return "", fmt.Errorf("find the server: %w", err)
	}
	// Whoever can leave a folder where somebody works must not be sent that
	// person's token.
	address := pick(e)
	if u, err := url.Parse(address); err != nil || !onThisMachine(u.Hostname()) {
		return "", failedf("give the address with a flag", "the address in the data folder %s is not on this machine", dir)
	}
	return address, nil
}

func readEndpoints(dir string) (endpoints, error) {
	path := filepath.Join(dir, endpointsFile)
	body, err := os.ReadFile(path)
	if err != nil {
		return endpoints{}, err
	}
	var e endpoints
	if err := json.Unmarshal(body, &e); err != nil {
		return endpoints{}, fmt.Errorf("read %s: %w", path, err)
	}
	return e, nil
}

func onThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// reachable turns an address that is listened on into one to connect to.
func reachable(hostport string) string {
	host, port, err := net.SplitHostPort(hostport)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return hostport
}
