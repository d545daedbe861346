package config

import (
	"slices"

	"github.com/overstay/overstay/correlator/policy/strictyaml"
)

// Connector is one source to read. Exactly one of the last fields is set, the
// one that Type names.
type Connector struct {
	Type string
	Name string // in ids and systems: "prod" makes "vault://prod" and "vault/prod"
	Line int    // in the file, for messages

	Vault           *Vault
	Teleport        *Teleport
	OpenLDAP        *OpenLDAP
	CloudEventsFile *CloudEventsFile
}

// The types of connectors.
const (
	TypeVault           = "vault"
	TypeTeleport        = "teleport"
	TypeOpenLDAP        = "openldap"
	TypeCloudEventsFile = "cloudevents-file"
)

const maxConnectors = 256

// connectors reads the list; which keys an entry has depends on its type.
func (l *loader) connectors() strictyaml.Reader {
	lines := map[string]int{}
	return strictyaml.List(&l.config.Connectors, func(c *Connector) strictyaml.Reader {
		vault, teleport, directory, file := &Vault{}, &Teleport{}, &OpenLDAP{}, &CloudEventsFile{}
		tables := map[string]strictyaml.Fields{
			TypeVault:           l.vault(vault),
			TypeTeleport:        l.teleport(teleport),
			TypeOpenLDAP:        l.openLDAP(directory),
			TypeCloudEventsFile: l.cloudEventsFile(file),
		}
		for _, fields := range tables {
			fields["name"] = strictyaml.String(&c.Name, name)
		}
		return strictyaml.Choice("type", &c.Type, tables).Then(func(v strictyaml.Value) {
			c.Line = v.Line()
			switch c.Type {
			case TypeVault:
				c.Vault = vault
				need(v, "name", "audit")
				vault.check(v)
			case TypeTeleport:
				c.Teleport = teleport
				need(v, "name", "paths")
			case TypeOpenLDAP:
				c.OpenLDAP = directory
				need(v, "name", "url", "baseDN")
				directory.check(v)
			case TypeCloudEventsFile:
				c.CloudEventsFile = file
				need(v, "name", "paths")
			}
			key := c.Type + " " + c.Name
			if line, twice := lines[key]; twice && c.Type != "" && c.Name != "" {
				v.Report("the name tells one source from another, and ids depend on it", "has the type and name of the connector on line %d", line)
			}
			lines[key] = v.Line()
		})
	}).Then(func(v strictyaml.Value) {
		if n := len(v.Elements()); n > maxConnectors {
			v.Report("", "has %d connectors, more than %d", n, maxConnectors)
		}
	})
}

func need(v strictyaml.Value, keys ...string) {
	for _, key := range keys {
		if v.Lacks(key) {
			v.Report("", "has no %s", key)
		}
	}
}

// Teleport is a cluster's audit log.
type Teleport struct {
	Paths    []string
	Follow   bool
	Clusters map[string]string // names of other clusters, by cluster_name
}

func (l *loader) teleport(c *Teleport) strictyaml.Fields {
	c.Follow = true
	return strictyaml.Fields{
		"paths":  l.paths(&c.Paths),
		"follow": strictyaml.Bool(&c.Follow),
		"clusters": strictyaml.Map(func(cluster string, _ strictyaml.Value) strictyaml.Reader {
			var short string
			return strictyaml.String(&short, name).IfSound(func(strictyaml.Value) {
				if c.Clusters == nil {
					c.Clusters = map[string]string{}
				}
				c.Clusters[cluster] = short
			})
		}),
	}
}

// CloudEventsFile is a file of events in our own vocabulary, one a line.
type CloudEventsFile struct {
	Paths  []string // "-" is the standard input
	Follow bool
}

func (l *loader) cloudEventsFile(c *CloudEventsFile) strictyaml.Fields {
	return strictyaml.Fields{
		"paths":  l.paths(&c.Paths, "-"),
		"follow": strictyaml.Bool(&c.Follow),
	}
}

// paths reads a list of files, relative to the configuration. The words stand
// for themselves.
func (l *loader) paths(into *[]string, words ...string) strictyaml.Reader {
	return strictyaml.Strings(into).Then(func(strictyaml.Value) {
		for i, p := range *into {
			if p != "" && !slices.Contains(words, p) {
				(*into)[i] = l.absolute(p)
			}
		}
	})
}
