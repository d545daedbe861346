package app

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// peerUID is the user at the other end of a local socket, as the kernel has it.
func peerUID(c net.Conn) (int, error) {
	unix, ok := c.(*net.UnixConn)
	if !ok {
		return 0, errors.New("not a local socket")
	}
	raw, err := unix.SyscallConn()
	if err != nil {
		return 0, fmt.Errorf("ask who is at the socket: %w", err)
	}
	var cred *syscall.Ucred
	var credErr error
	if err := raw.Control(func(fd uintptr) {
		cred, credErr = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); err != nil {
		return 0, fmt.Errorf("ask who is at the socket: %w", err)
	}
	if credErr != nil {
		return 0, fmt.Errorf("ask who is at the socket: %w", credErr)
	}
	return int(cred.Uid), nil
}
