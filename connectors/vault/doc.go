// Package vault reads the audit log and the server log of HashiCorp Vault and
// OpenBao, which write the same records, and says which tokens and leases live,
// until when, for whom, and how they ended.
//
// The way of a line: a [Source] tails all files and merges their lines by time
// (merge.go), parses them strictly (record.go, serverlog.go), and gives each to a
// translator, which keeps what later lines refer to (state.go) and answers with
// events. The translator reads no clock and no file, so that the same lines always
// give the same events. Its subjects have a file each: tokens, leases, wrapping,
// revocation, the server log's ends, identity, use.
//
// Four things make Vault hard, and decide the design:
//
//   - Expiry and cascades write nothing into the audit log. The server log's
//     "revoked lease" lines are the only evidence; without them an end is claimed
//     at best.
//   - Ids are hashed with a salt of each audit device. A token's lease id is
//     "token:" and its accessor as the first configured device writes it; a lease
//     id is in clear when issued and hashed when revoked by request body. Hashes
//     are keyed by device and by salt epoch, which a re-enabled device begins.
//   - A wrapped secret is issued without its lease id, and unwrapped by a token
//     without an identity. It belongs to who asked.
//   - Every device and node writes its own copy. Lines are one record when they
//     agree in request id and type.
//
// Imports events, connectors and connectors/tail. It never writes to Vault; the
// one call that it may be configured to make is sys/audit-hash.
package vault
