"""What the operating system is asked to do for a process of the service."""

import ctypes
import os
import resource
import signal
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2)


def die_with_parent(parent: int, sent: signal.Signals = signal.SIGKILL) -> None:
    """Ask the kernel to send a signal to this process when process `parent` ends, however it ends.

    Call it in the child. Linux only; elsewhere it does nothing (the demo has a guard there).
    """
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(sent), 0, 0, 0)
    if os.getppid() != parent:  # it ended before the kernel was asked
        os.kill(os.getpid(), sent)


def forbid_core_dumps() -> None:
    """Keep the memory of this process and its children, with letters in it, off the disk."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
