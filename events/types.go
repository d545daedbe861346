package events

import "strings"

// Prefix begins the type of every event of ours.
const Prefix = "dev.overstay."

// Type is a CloudEvents type of this vocabulary, "dev.overstay.<class>.<what>".
type Type string

// Class is the third part of the type: approval, session, lease and so on.
func (t Type) Class() string {
	class, _, _ := strings.Cut(strings.TrimPrefix(string(t), Prefix), ".")
	return class
}

// What is the last part of the type.
func (t Type) What() string {
	_, what, _ := strings.Cut(strings.TrimPrefix(string(t), Prefix), ".")
	return what
}

// Short is the type without the prefix, "lease.issued".
func (t Type) Short() string { return strings.TrimPrefix(string(t), Prefix) }

// Known reports whether t is in the vocabulary.
func (t Type) Known() bool { return NewData(t) != nil }

// FromSource reports whether a connector may say t. Ticks, policies, operator
// marks and the engine's own observations come from inside.
func (t Type) FromSource() bool {
	switch t.Class() {
	case "clock", "policy", "operator", "system":
		return false
	}
	return t.Known()
}

// The types.
const (
	ApprovalRequested Type = Prefix + "approval.requested"
	ApprovalGranted   Type = Prefix + "approval.granted"
	ApprovalDenied    Type = Prefix + "approval.denied"
	ApprovalActivated Type = Prefix + "approval.activated"
	ApprovalExtended  Type = Prefix + "approval.extended"
	ApprovalRevoked   Type = Prefix + "approval.revoked"
	ApprovalExpired   Type = Prefix + "approval.expired"
	ApprovalAltered   Type = Prefix + "approval.altered"

	SessionStarted Type = Prefix + "session.started"
	SessionEnded   Type = Prefix + "session.ended"

	LeaseIssued           Type = Prefix + "lease.issued"
	LeaseRenewed          Type = Prefix + "lease.renewed"
	LeaseRevoked          Type = Prefix + "lease.revoked"
	LeaseExpired          Type = Prefix + "lease.expired"
	LeaseRevocationFailed Type = Prefix + "lease.revocation-failed"

	CredentialRotated Type = Prefix + "credential.rotated"

	MembershipAdded   Type = Prefix + "directory.membership-added"
	MembershipRemoved Type = Prefix + "directory.membership-removed"
	GroupNested       Type = Prefix + "directory.group-nested"
	GroupUnnested     Type = Prefix + "directory.group-unnested"
	AccountCreated    Type = Prefix + "directory.account-created"
	AccountDisabled   Type = Prefix + "directory.account-disabled"
	AccountEnabled    Type = Prefix + "directory.account-enabled"
	AccountDeleted    Type = Prefix + "directory.account-deleted"
	IdentityLinked    Type = Prefix + "directory.identity-linked"
	IdentityUnlinked  Type = Prefix + "directory.identity-unlinked"
	OwnerChanged      Type = Prefix + "directory.owner-changed"
	JobChanged        Type = Prefix + "directory.job-changed"

	AccessUsed        Type = Prefix + "access.used"
	AccessProbed      Type = Prefix + "access.probed"
	AccessBlocked     Type = Prefix + "access.blocked"
	AccessEndedBefore Type = Prefix + "access.ended-before"

	SourceProgress      Type = Prefix + "source.progress"
	SourceSnapshotBegin Type = Prefix + "source.snapshot-begin"
	SourceSnapshotPart  Type = Prefix + "source.snapshot-part"
	SourceSnapshotEnd   Type = Prefix + "source.snapshot-end"
	SourceResumed       Type = Prefix + "source.resumed"

	ClockTick Type = Prefix + "clock.tick"

	PolicyApplied Type = Prefix + "policy.applied"

	OperatorAcknowledged Type = Prefix + "operator.acknowledged"
	OperatorSuppressed   Type = Prefix + "operator.suppressed"
	OperatorConfirmed    Type = Prefix + "operator.confirmed"
	OperatorNoted        Type = Prefix + "operator.noted"

	SystemObserved Type = Prefix + "system.observed"
	SystemEpoch    Type = Prefix + "system.epoch"
	SystemTold     Type = Prefix + "system.told"
)

// Data is the payload of an event: one of the structs of this package.
type Data interface {
	// Common is the part that every payload has.
	Common() *Meta
	validate(c *checker, typ Type)
}

// NewData makes the empty payload of a type, or nil for an unknown one.
func NewData(t Type) Data {
	switch t {
	case ApprovalRequested, ApprovalGranted, ApprovalDenied, ApprovalActivated,
		ApprovalExtended, ApprovalRevoked, ApprovalExpired, ApprovalAltered:
		return new(Approval)
	case SessionStarted, SessionEnded:
		return new(Session)
	case LeaseIssued, LeaseRenewed, LeaseRevoked, LeaseExpired, LeaseRevocationFailed:
		return new(Lease)
	case CredentialRotated:
		return new(Credential)
	case MembershipAdded, MembershipRemoved:
		return new(Membership)
	case GroupNested, GroupUnnested:
		return new(GroupNesting)
	case AccountCreated, AccountDisabled, AccountEnabled, AccountDeleted, OwnerChanged, JobChanged:
		return new(Account)
	case IdentityLinked, IdentityUnlinked:
		return new(IdentityLink)
	case AccessUsed:
		return new(Use)
	case AccessProbed:
		return new(Probe)
	case AccessBlocked:
		return new(Block)
	case AccessEndedBefore:
		return new(EndedBefore)
	case SourceProgress:
		return new(Progress)
	case SourceSnapshotBegin:
		return new(SnapshotBegin)
	case SourceSnapshotPart:
		return new(SnapshotPart)
	case SourceSnapshotEnd:
		return new(SnapshotEnd)
	case SourceResumed:
		return new(Resumed)
	case ClockTick:
		return new(Tick)
	case PolicyApplied:
		return new(Policy)
	case OperatorAcknowledged, OperatorSuppressed, OperatorConfirmed, OperatorNoted:
		return new(Mark)
	case SystemObserved:
		return new(Observation)
	case SystemEpoch:
		return new(Epoch)
	case SystemTold:
		return new(Told)
	}
	return nil
}

// Types lists the whole vocabulary, class by class.
func Types() []Type {
	return []Type{
		ApprovalRequested, ApprovalGranted, ApprovalDenied, ApprovalActivated,
		ApprovalExtended, ApprovalRevoked, ApprovalExpired, ApprovalAltered,
		SessionStarted, SessionEnded,
		LeaseIssued, LeaseRenewed, LeaseRevoked, LeaseExpired, LeaseRevocationFailed,
		CredentialRotated,
		MembershipAdded, MembershipRemoved, GroupNested, GroupUnnested,
		AccountCreated, AccountDisabled, AccountEnabled, AccountDeleted,
		IdentityLinked, IdentityUnlinked, OwnerChanged, JobChanged,
		AccessUsed, AccessProbed, AccessBlocked, AccessEndedBefore,
		SourceProgress, SourceSnapshotBegin, SourceSnapshotPart, SourceSnapshotEnd, SourceResumed,
		ClockTick, PolicyApplied,
		OperatorAcknowledged, OperatorSuppressed, OperatorConfirmed, OperatorNoted,
		SystemObserved, SystemEpoch, SystemTold,
	}
}
