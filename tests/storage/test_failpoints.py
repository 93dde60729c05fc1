"""Failpoints do what the environment asks for, where and when it asks for it, and else nothing."""

from __future__ import annotations

import errno
import subprocess
import sys

import pytest

from storage import failpoint, failpoints

PASS_TWICE = """
from storage import failpoint
failpoint("other"); failpoint("here"); print("once", flush=True)
failpoint("here"); print("twice", flush=True)
"""


def run(setting: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", PASS_TWICE],
        env={"FAILPOINT": setting},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_an_unarmed_point_does_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAILPOINT", raising=False)
    failpoint("here")
    monkeypatch.setenv("FAILPOINT", "elsewhere")
    failpoint("here")


def test_an_armed_point_kills_without_any_cleanup() -> None:
    assert run("here") == (-9, "")
    assert run("here:2") == (-9, "once\n")
    assert run("here:3") == (0, "once\ntwice\n")


@pytest.mark.parametrize(("action", "code"), [("enospc", errno.ENOSPC), ("eio", errno.EIO)])
def test_a_point_may_fail_as_a_disk_does(
    monkeypatch: pytest.MonkeyPatch, action: str, code: int
) -> None:
    monkeypatch.setattr(failpoints, "_passed", type(failpoints._passed)())
    monkeypatch.setenv("FAILPOINT", f"here={action}")
    with pytest.raises(OSError, match="failpoint here") as caught:
        failpoint("here")
    assert caught.value.errno == code
    failpoint("here")


def test_a_point_may_raise_or_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failpoints, "_passed", type(failpoints._passed)())
    monkeypatch.setattr(failpoints, "SLEEP_SECONDS", 0.0)
    monkeypatch.setenv("FAILPOINT", "here:1=raise")
    with pytest.raises(failpoints.FailpointReached):
        failpoint("here")
    monkeypatch.setenv("FAILPOINT", "there=sleep")
    failpoint("there")
    monkeypatch.setenv("FAILPOINT", "nowhere=dance")
    with pytest.raises(ValueError, match="dance"):
        failpoint("nowhere")
