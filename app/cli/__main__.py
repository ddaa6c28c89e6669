"""`python -m app.cli` is `getu`."""

from app.cli import main

main()
