"""The log: JSON lines on standard error, without personal data.

What our own code says is kept as said (it names things by ids only). Libraries were not written
with that rule, so of them only the fixed part of a message is kept, and of an exception its type
and the places it passed, never its text: a database error quotes rows, a parser quotes letters.
"""

import logging
import sys
import traceback
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

OWN_LOGGERS = ("app", "exchange", "sandbox", "signer", "storage", "schemas")
QUIET_LIBRARIES = ("pyhanko", "pyhanko_certvalidator", "fontTools", "urllib3")
"""Their messages are written in full by themselves (no fixed part) and may name signers."""


def configure_log(level: str) -> None:
    """Send everything that this process logs to standard error as JSON lines, from `level` on."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        describe_exception,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(keep_fixed_part)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_end


def _log_end(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
    """Say of what the process dies, by the same rules."""
    structlog.get_logger("app").critical("died", exc_info=error, of=kind.__name__)


def keep_fixed_part(record: logging.LogRecord) -> bool:
    """Reduce a library's entry to its fixed part and its numbers; our own pass unchanged."""
    if record.name.partition(".")[0] not in OWN_LOGGERS and isinstance(record.msg, str):
        numbers = [a for a in _arguments(record) if isinstance(a, int | float)]
        record.msg = f"{record.msg} {numbers}" if numbers else record.msg
        record.args = None
    return True


def _arguments(record: logging.LogRecord) -> list[object]:
    if isinstance(record.args, tuple):
        return list(record.args)
    return list((record.args or {}).values())


def describe_exception(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Replace `exc_info` by the types of the exceptions and the places they passed."""
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info if isinstance(info, BaseException) else info[1] if info else None
    if error is not None:
        event["exception"] = [_description(each) for each in _chain(error)]
    return event


def _chain(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in chain:
        chain.append(following)
        following = following.__cause__ or (
            None if following.__suppress_context__ else following.__context__
        )
    return chain


def _description(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    kind = type(error)
    return {
        "type": f"{kind.__module__}.{kind.__qualname__}",
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
