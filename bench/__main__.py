"""`getu bench`: every figure of docs/benchmarks.md, ours against the peers and the limit, as JSON.

python -m bench [assignment locate topology geocode haimen paint …] [--scale small|full]
"""

import argparse
import importlib
import json
import os
import platform
import sys
import time
from typing import Any

SCRIPTS = (
    "assignment",
    "moving",
    "around",
    "boundaries",
    "locate",
    "topology",
    "recheck",
    "mending",
    "geocode",
    "placing",
    "lending",
    "intake",
    "haimen",
    "tiles",
    "nightly",
    "search",
)


def main() -> int:
    """Run the named scripts, or all; exit code 1 when one could not run."""
    parser = argparse.ArgumentParser(prog="getu bench")
    parser.add_argument("names", nargs="*", choices=[*SCRIPTS, []])
    parser.add_argument("--scale", choices=("small", "full"), default="small")
    options = parser.parse_args()
    figures: dict[str, Any] = {"machine": describe_machine(), "scale": options.scale}
    for name in options.names or SCRIPTS:
        sys.stderr.write(f"{name} …\n")
        before = os.getloadavg()[0]
        began = time.monotonic()
        figures[name] = importlib.import_module(f"bench.{name}").measure(options.scale)
        figures[name]["load_before"] = round(before, 1)
        figures[name]["took_s"] = round(time.monotonic() - began, 1)
    json.dump(figures, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")
    return 0


def describe_machine() -> dict[str, Any]:
    """What the figures were taken on, and how busy it was."""
    return {
        "cores": os.cpu_count(),
        "load": [round(value, 1) for value in os.getloadavg()],
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
    }


if __name__ == "__main__":
    sys.exit(main())
