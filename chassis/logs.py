"""Log lines: fixed phrases with fields, as JSON or for a console, on standard error.

Each line carries the facts of the call that it belongs to (request_id, trace_id, method,
caller). Personal data must not reach a line: whole messages go through `redact`, which follows
the contract's `debug_redact`; Python's own `str()` of a message ignores that option. Exceptions
are told by `tracebacks`, because the texts of libraries' errors hold values.
"""

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import IO, Any, cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from chassis.redaction import redact
from chassis.settings import Settings
from chassis.tracebacks import format_failure

__all__ = ["bind", "bound", "configure", "get_logger", "redact"]

_call_facts: ContextVar[Mapping[str, str]] = ContextVar("call_facts", default={})  # noqa: B039  never mutated


def configure(settings: Settings, file: IO[str] | None = None) -> None:
    """Set up logging for the process, once, before the first line."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    file = file or sys.stderr
    complete = _completing(settings.service)
    renderer = _renderer(settings.log_format)
    structlog.configure(
        processors=[complete, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=cast("Any", file)),
        cache_logger_on_first_use=True,
    )
    _adopt_libraries(complete, renderer, file)


def get_logger(name: str) -> FilteringBoundLogger:
    """Return a logger for a module; it may be made before `configure`, not used before it."""
    return cast("FilteringBoundLogger", structlog.get_logger(module=name))


def bind(**facts: str) -> None:
    """Add facts (request_id, trace_id, method, caller) to every further line of this task."""
    _call_facts.set({**_call_facts.get(), **facts})


@contextmanager
def bound(**facts: str) -> Iterator[None]:
    """Add facts to every line of a block."""
    token = _call_facts.set({**_call_facts.get(), **facts})
    try:
        yield
    finally:
        _call_facts.reset(token)


def _completing(service: str) -> Processor:
    def complete(_: WrappedLogger, level: str, event: EventDict) -> EventDict:
        # In one step: every call has a line. The line's own fields win over the call's.
        time = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        return {"service": service, **_call_facts.get(), **event, "level": level, "time": time}

    return complete


def _renderer(log_format: str) -> Processor:
    if log_format == "console":
        return structlog.dev.ConsoleRenderer(
            colors=False,
            timestamp_key="time",
            exception_formatter=lambda file, info: print(
                f"\n{format_failure(info)}", end="", file=file
            ),
        )
    format_exception = structlog.processors.ExceptionRenderer(format_failure)
    encode = json.JSONEncoder(ensure_ascii=False, default=repr).encode

    def render_json(logger: WrappedLogger, name: str, event: EventDict) -> str:
        return encode(format_exception(logger, name, event) if "exc_info" in event else event)

    return render_json


def _adopt_libraries(complete: Processor, renderer: Processor, file: IO[str]) -> None:
    """Give what libraries log through `logging` the same form, from warnings upwards."""
    handler = logging.StreamHandler(file)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_add_module, complete],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def _add_module(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    event["module"] = event["_record"].name
    return event
