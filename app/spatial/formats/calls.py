"""The third wall around the reader's process: it starts no process, opens no socket, harms no neighbour.

What a file made of a library would still ask the kernel for, with the service's own user: a daemon that
outlives the reader, a connection, a signal to the database, a look into the service's memory. A filter of
system calls (seccomp) says no; where the machine is not known none is set. Source: seccomp(2), bpf of
linux/filter.h; numbers of linux/unistd.h.
"""

import ctypes
import errno
import os
import platform
import struct

_PR_SET_SECCOMP, _MODE_FILTER, _PR_SET_NO_NEW_PRIVS = 22, 2, 38
_LOAD, _EQUAL, _AT_LEAST, _HAS_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000
_NUMBER_AT, _ARCH_AT, _FIRST_AT = 0, 4, 16
_CLONE_THREAD, _OTHER_TABLE = 0x10000, 0x40000000
_CLONE3 = 435
# Of each machine: its audit number, clone, the two ways to signal (kill, tgkill), and what is always refused:
# fork, vfork, socket, socketpair, tkill, ptrace, process_vm_readv and _writev, pidfd_open, pidfd_send_signal,
# io_uring_setup, bpf, perf_event_open, userfaultfd, mount, umount2, unshare, setns, keyctl, add_key and
# open_by_handle_at.
_TABLES = {
    "x86_64": (
        *(0xC000003E, 56, (62, 234)),
        (57, 58, 41, 53, 200, 101, 310, 311, 434, 424, 425, 321, 298, 323, 165, 166, 272, 308, 250, 248, 304),
    ),
    "aarch64": (
        *(0xC00000B7, 220, (129, 131)),
        (198, 199, 130, 117, 270, 271, 434, 424, 425, 280, 241, 282, 40, 39, 97, 268, 219, 217, 265),
    ),
}  # fmt: skip


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def _step(code: int, value: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("=HBBI", code, then, otherwise, value)


def _refuse_when(code: int, value: int, error: int = errno.EPERM) -> bytes:
    return _step(code, value, otherwise=1) + _step(_RETURN, _REFUSE | error)


def _only_for(number: int, test: int, value: int) -> bytes:
    """Refuse a call unless its first argument passes a test."""
    judged = _step(_LOAD, _FIRST_AT) + _step(test, value, otherwise=1)
    ends = _step(_RETURN, _ALLOW) + _step(_RETURN, _REFUSE | errno.EPERM)
    return _step(_EQUAL, number, otherwise=4) + judged + ends


def _write_filter(machine: str) -> bytes:
    arch, clone, signals, refused = _TABLES[machine]
    return b"".join(
        (
            _step(_LOAD, _ARCH_AT) + _step(_EQUAL, arch, then=1) + _step(_RETURN, _REFUSE | errno.EPERM),
            _step(_LOAD, _NUMBER_AT) + _refuse_when(_AT_LEAST, _OTHER_TABLE),
            *(_refuse_when(_EQUAL, number) for number in refused),
            _refuse_when(_EQUAL, _CLONE3, errno.ENOSYS),  # libraries then fall back to clone, which is read
            _only_for(clone, _HAS_BIT, _CLONE_THREAD),
            *(_only_for(number, _EQUAL, os.getpid()) for number in signals),
            _step(_RETURN, _ALLOW),
        )
    )


def close_calls() -> bool:
    """Take the filter on for good, and tell whether it holds."""
    if platform.machine() not in _TABLES:
        return False
    steps = _write_filter(platform.machine())
    program = _Program(len(steps) // 8, steps)
    libc = ctypes.CDLL(None, use_errno=True)
    held = libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    return bool(held and libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0) == 0)
