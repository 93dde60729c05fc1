"""Running as processes: logs without personal data, libraries that fit, nothing of the sandbox."""

import json
import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest

from exchange.running.libraries import LibraryError, library_versions

PESEL = "44051401458"


def log_of(statements: str) -> list[dict[str, Any]]:
    """Run statements in a process that logs as the service does; give the entries."""
    program = (
        "import logging, structlog\n"
        "from exchange.running.log import configure_log\n"
        "configure_log('info')\n"
        f"PESEL = '{PESEL}'\n{statements}"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == ""
    assert PESEL not in done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_our_own_words_are_kept() -> None:
    [entry] = log_of("structlog.get_logger('exchange.jobs').info('delivered', letter='2f1c')")
    assert entry["event"] == "delivered"
    assert entry["letter"] == "2f1c"
    assert entry["level"] == "info"
    assert entry["timestamp"].endswith("Z")


def test_what_a_library_says_of_a_person_is_left_out() -> None:
    [entry] = log_of("logging.getLogger('some.reader').warning('no %s in %d ms', PESEL, 12)")
    assert entry["event"] == "no %s in %d ms [12]"
    assert entry["logger"] == "some.reader"


def test_an_exception_is_told_by_type_and_place_never_by_its_text() -> None:
    [entry] = log_of(
        """
def insert():
    raise LookupError(f"Key (pesel)=({PESEL}) already exists")
try:
    try:
        insert()
    except LookupError as error:
        raise RuntimeError(f"letter of {PESEL}") from error
except RuntimeError:
    structlog.get_logger("exchange.web").exception("request failed")
"""
    )
    kinds = [part["type"] for part in entry["exception"]]
    assert kinds == ["builtins.RuntimeError", "builtins.LookupError"]
    assert entry["exception"][1]["at"][-1].endswith(" insert")


def test_a_librarys_exception_is_reduced_too() -> None:
    [entry] = log_of(
        """
try:
    int(f"a{PESEL}")
except ValueError:
    logging.getLogger("gunicorn.error").exception("Error handling request %s", "/?q=" + PESEL)
"""
    )
    assert entry["event"] == "Error handling request %s"
    assert entry["exception"][0]["type"] == "builtins.ValueError"


def test_what_a_process_dies_of_is_told_the_same_way() -> None:
    [entry] = log_of("int(f'a{PESEL}')")
    assert entry["event"] == "died"
    assert entry["exception"][0]["type"] == "builtins.ValueError"


def test_libraries_that_write_names_into_their_messages_are_quiet() -> None:
    assert log_of("logging.getLogger('pyhanko_certvalidator.path').error(f'no {PESEL}')") == []


def test_the_versions_name_the_libraries_that_matter() -> None:
    versions = library_versions()
    assert versions["lxml"].partition(" ")[2] == versions["xmlsec"].partition(" ")[2]
    assert {"skrytka", "Python", "cryptography", "pyHanko"} <= versions.keys()


def test_two_libxml2_are_refused_with_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    other = ModuleType("xmlsec")
    other.get_libxml_version = lambda: (2, 9, 14)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "xmlsec", other)
    with pytest.raises(LibraryError, match=r"and 2\.9\.14.*--only-binary :all:"):
        library_versions()


def test_xmlsec_that_refuses_to_load_is_explained(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Refusing:
        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            if name == "xmlsec":
                raise RuntimeError("lxml & xmlsec libxml2 library version mismatch")

    monkeypatch.delitem(sys.modules, "xmlsec", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Refusing, *sys.meta_path])
    with pytest.raises(LibraryError, match="Install both as wheels"):
        library_versions()
