"""The kernel's own walls around the reader's process: no network, no file but the upload and the libraries.

Both are second belts behind the driver allow-list, taken where the system offers them (network namespaces;
Landlock, Linux 5.13 and later) and told apart by the answer. Source: landlock(7), unshare(2).
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS, _RULE_PATH_BENEATH = 38, 1
_EXECUTE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 2, 1 << 3
_EVERY_RIGHT = (1 << 13) - 1
_FILE_RIGHTS = _EXECUTE | _READ_FILE | 1 << 1
_PROGRAM = Path(__file__).resolve().parents[2]
_SYSTEM = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/dev/null", "/dev/urandom")


class _Ruleset(ctypes.Structure):
    _fields_ = (("handled_access_fs", ctypes.c_uint64),)


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def die_with_parent() -> None:
    """Have the kernel end this process when the service that waits for it is gone."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def start_no_process() -> None:
    """Forbid this process to start others or threads (held by the kernel for any user but root)."""
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def close_network() -> bool:
    """Leave for a network namespace of our own, and tell whether the system allowed it."""
    libc = ctypes.CDLL(None, use_errno=True)
    return any(libc.unshare(flags) == 0 for flags in (_NEW_NET, _NEW_USER | _NEW_NET))


def _call(libc: ctypes.CDLL, number: int, *arguments: Any) -> int:
    """Make a system call that the C library has no function for; numbers go as whole machine words."""
    words = (ctypes.c_long(one) if isinstance(one, int) else one for one in (number, *arguments))
    return int(libc.syscall(*words))


def _libraries() -> list[Path]:
    """Where Python, its packages and the system's libraries lie: to be read and run, never written."""
    own = [sys.prefix, sys.base_prefix, sys.executable, *filter(None, sys.path)]
    found = [Path(name).resolve() for name in (*own, *_SYSTEM)]
    # Of the folder we run from only the program: keys, files and the database of a bank may lie beside it.
    return [_PROGRAM, *(path for path in found if path != _PROGRAM.parent)]


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # a place that is not there needs no right
    try:
        fitting = rights if path.is_dir() else rights & _FILE_RIGHTS
        rule = _PathBeneath(fitting, handle)
        _call(libc, _ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(handle)


def close_files(readable: Iterable[Path], writable: Path) -> bool:
    """Leave this process only `readable`, the libraries and the folder `writable`; tell whether it holds."""
    libc = ctypes.CDLL(None, use_errno=True)
    rules = _Ruleset(_EVERY_RIGHT)
    ruleset = _call(libc, _CREATE_RULESET, ctypes.byref(rules), ctypes.sizeof(rules), 0)
    if ruleset < 0:
        return False
    for path in (*_libraries(), *readable):
        _allow(libc, ruleset, path, _EXECUTE | _READ_FILE | _READ_DIR)
    _allow(libc, ruleset, writable, _EVERY_RIGHT)
    held = libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 and _call(libc, _RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return bool(held)
