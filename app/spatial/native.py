"""The compiled kernel of `locate`: made once at set-up, found at run time, done without where there is none.

    python -m app.spatial.native        compile kernel.c beside itself (make setup does)

A library is named after its source, so one of another version is never loaded. Without a C compiler all runs
in numpy with the same answers, some three times slower. Nothing is ever compiled while somebody waits.
"""

import ctypes
import functools
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

_SOURCE = Path(__file__).with_name("kernel.c")
_FLAGS = ("-O3", "-std=c11", "-ffp-contract=off", "-fPIC", "-shared")
_COMPILERS = ("cc", "gcc", "clang")
_P, _N = ctypes.c_void_p, ctypes.c_int64


class NativeIndex(ctypes.Structure):
    """`Index` of kernel.c: addresses of the arrays, the frame, the numbers of polygons and lists."""

    _fields_ = (
        *((name, _P) for name in ("xy", "south", "per_degree", "first_slab", "first_edge", "edge")),
        *((name, _P) for name in ("cell", "first", "candidate")),
        *((name, ctypes.c_double) for name in ("west", "south_all", "cells_a_degree")),
        *((name, _N) for name in ("rows", "columns", "count", "lists")),
    )


_VERBS = {
    "getu_locate": (_N, (_P, _P, _P, _N, _P)),
    "getu_second": (_N, (_P, _P, _P, _N, _P)),
    "getu_count_slabs": (None, (_P,) * 6 + (_N, _N, _P)),
    "getu_fill_slabs": (None, (_P,) * 6 + (_N, _N, _P, _P)),
    "getu_outline": (_P, (_P, _P, _P, _N, _N)),
    "getu_number_cells": (None, (_P, _N, _N, _N, _P, _P, _P)),
    "getu_fill_lists": (None, (_P, _N, _N, _N, _P, _P, _P, _P, _P)),
    "getu_release": (None, (_P,)),
}


@functools.cache
def kernel() -> ctypes.CDLL | None:
    """The compiled kernel; None where it was not made, or GETU_NUMPY_ONLY is set. Its calls free the GIL."""
    if os.environ.get("GETU_NUMPY_ONLY"):
        return None
    try:
        library = ctypes.CDLL(str(_library()))
    except OSError:
        return None
    for name, (result, arguments) in _VERBS.items():
        verb = getattr(library, name)
        verb.restype, verb.argtypes = result, arguments
    return library


def compile_kernel() -> Path | None:
    """Make the library unless it is there; None (and a word to standard error) where it cannot be made."""
    made = _library()
    if made.exists():
        return made
    compiler = shlex.split(os.environ.get("CC", "")) or [c for c in _COMPILERS if shutil.which(c)][:1]
    if not compiler:
        sys.stderr.write("no C compiler: points are located in numpy 没有 C 编译器，按 numpy 计算\n")
        return None
    with tempfile.TemporaryDirectory(dir=made.parent) as folder:
        fresh = Path(folder) / made.name
        done = subprocess.run(
            [*compiler, *_FLAGS, "-o", str(fresh), str(_SOURCE), "-lm"], capture_output=True, text=True
        )
        if done.returncode:
            sys.stderr.write(f"{compiler[0]}: {done.stderr[:2000]}\n")
            return None
        fresh.replace(made)
    for old in made.parent.glob("kernel-*.so"):
        if old != made:
            old.unlink(missing_ok=True)
    return made


def _library() -> Path:
    stamp = hashlib.sha256(_SOURCE.read_bytes() + repr(_FLAGS).encode()).hexdigest()[:16]
    return _SOURCE.with_name(f"kernel-{stamp}.so")


if __name__ == "__main__":
    compile_kernel()
