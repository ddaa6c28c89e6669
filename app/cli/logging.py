"""Logs: JSON lines on standard error, personal fields redacted before anything is written."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import structlog

# 15 or 18 digit ID numbers and 11 digit mobile numbers, wherever they stand in a text.
PERSONAL = re.compile(r"(?<!\d)(\d{17}[\dXx]|\d{15}|1\d{10})(?!\d)")


def redact(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace what looks like an ID or phone number in every text of a log line."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = PERSONAL.sub("[redacted]", value)
    return event


class Stderr:
    """Whatever standard error is at the moment of writing (it may be replaced after set-up)."""

    def write(self, text: str) -> int:
        """Write to today's standard error."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Flush today's standard error."""
        sys.stderr.flush()


def log_json() -> None:
    """Set up logging once, for structlog and the standard library alike."""
    steps: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        redact,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    structlog.configure(processors=steps, logger_factory=structlog.PrintLoggerFactory(cast(TextIO, Stderr())))
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *steps[1:]]
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
