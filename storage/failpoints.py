"""Places where a test may kill, delay or break the write path.

`FAILPOINT=name[:nth][=action]` in the environment arms one point: the nth time (default: the first)
the process passes it, the action happens. Actions: `kill` (default; SIGKILL, nothing is cleaned up,
as in a power cut), `raise`, `sleep` (`SLEEP_SECONDS`), `enospc`, `eio`. Unarmed points cost one
dictionary look-up.
"""

from __future__ import annotations

import errno
import os
import signal
import time
from collections import Counter

VARIABLE = "FAILPOINT"
SLEEP_SECONDS = 5.0  # long enough for a test to look at, or kill, the sleeping process

_passed: Counter[str] = Counter()


class FailpointReached(RuntimeError):
    """Raised by an armed failpoint whose action is `raise`."""


def failpoint(name: str) -> None:
    """Does what `FAILPOINT` asks for at the place called `name`; normally nothing."""
    armed = os.environ.get(VARIABLE)
    if not armed:
        return
    target, _, action = armed.partition("=")
    point, _, nth = target.partition(":")
    if point != name:
        return
    _passed[name] += 1
    if _passed[name] == int(nth or 1):
        _act(name, action or "kill")


def _act(name: str, action: str) -> None:
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "sleep":
        time.sleep(SLEEP_SECONDS)
    elif action == "enospc":
        raise OSError(errno.ENOSPC, f"No space left on device (failpoint {name})")
    elif action == "eio":
        raise OSError(errno.EIO, f"Input/output error (failpoint {name})")
    elif action == "raise":
        raise FailpointReached(name)
    else:
        raise ValueError(f"{VARIABLE} asks for the unknown action {action!r}.")
