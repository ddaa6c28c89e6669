"""The command `getu`. Messages go to standard error, results to standard output.

Exit codes: 0 done; 1 done, but with findings or rejected rows (they are in the report); 2 wrong usage or
refused input, nothing stored; 3 the program or its database failed.
"""

import sys

from app.cli.root import cli, run


def main() -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(run())


__all__ = ["cli", "main", "run"]
