"""The examples in deploy/ are accepted by systemd and say what the program says."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from app import COMMANDS
from exchange.settings import Settings
from exchange.settings.model import variable_of

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed"
)


def variables(text: str) -> dict[str, str]:
    return dict(re.findall(r"^#?([A-Z][A-Z0-9_]+)=(.*)$", text, flags=re.MULTILINE))


def test_the_example_settings_are_settings_and_none_that_is_required_is_missing() -> None:
    text = (DEPLOY / "skrytka.env").read_text()
    known = {variable_of(name): entry for name, entry in Settings.model_fields.items()}
    assert set(variables(text)) <= set(known)
    uncommented = set(variables(re.sub(r"^#.*$", "", text, flags=re.MULTILINE)))
    required = {name for name, entry in known.items() if entry.is_required()}
    assert required <= uncommented


def test_the_example_settings_hold_no_secret() -> None:
    found = variables((DEPLOY / "skrytka.env").read_text())
    for name, value in found.items():
        if "SECRET" in name or "KEYS" in name:
            assert name.endswith("_FILE")
            assert value.startswith("/etc/skrytka/")
    assert not re.search(r"//[^/]*:[^/]*@", found["DATABASE_URL"])


def units() -> list[Path]:
    return sorted(path for path in (DEPLOY / "systemd").iterdir() if path.is_file())


@pytest.mark.parametrize("unit", units(), ids=lambda unit: unit.name)
def test_a_unit_runs_a_command_that_there_is(unit: Path) -> None:
    started = re.findall(
        r"^ExecStart=/opt/skrytka/\.venv/bin/skrytka (\S+)$", unit.read_text(), re.M
    )
    assert len(started) == (1 if unit.suffix == ".service" else 0)
    assert set(started) <= set(COMMANDS)


@needs_systemd
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    installed = tmp_path / "units"
    shutil.copytree(DEPLOY / "systemd", installed)
    program = tmp_path / "skrytka"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    files = [path for path in installed.rglob("*") if path.is_file()]
    for path in files:
        text = path.read_text().replace("/opt/skrytka/.venv/bin/skrytka", str(program))
        path.write_text(text)
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=yes", "--man=no"]
        + [str(installed / unit.name) for unit in units()],
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{installed}:"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.stderr == ""
    assert checked.returncode == 0
