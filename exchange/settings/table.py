"""Writes docs/settings.md from the model.

`python -m exchange.settings.table > docs/settings.md`
"""

import sys

from pydantic.fields import FieldInfo

from exchange.settings.model import Settings, variable_of

INTRODUCTION = """\
# Settings

`skrytka serve`, `skrytka worker` and `skrytka migrate` read these variables when they start and
say in one line each what is missing or wrong; nothing else configures them. `skrytka demo` sets
them by itself. Secrets stand in files that only the service can read (`chmod 600`).

This page is written from the program (`python -m exchange.settings.table > docs/settings.md`).

| variable | default | what it is | example |
|---|---|---|---|
"""
DEMO = """
## The demo

`skrytka demo` (`make run`) needs none of these.

| variable | default | what it is |
|---|---|---|
| `SKRYTKA_DATA` | `~/.local/share/skrytka`; for root `/var/lib/skrytka` | data folder |
| `SKRYTKA_PORT` | `8080` | port of the pages, on 127.0.0.1 |
| `SKRYTKA_KEYS` | `~/.config/skrytka/ID`; for root `/etc/skrytka/ID` | folder of the secrets |

The secrets (the master key among them) never lie inside the data folder; ID stands in the data
folder's file `id`. `XDG_DATA_HOME` and `XDG_CONFIG_HOME` are respected.
"""


def settings_page() -> str:
    """Give the whole page as Markdown."""
    rows = (_row(variable_of(name), field) for name, field in Settings.model_fields.items())
    return INTRODUCTION + "".join(rows) + DEMO


def _row(variable: str, field: FieldInfo) -> str:
    example = f"`{field.examples[0]}`" if field.examples else ""
    return f"| `{variable}` | {_default(field)} | {field.description} | {example} |\n"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    return f"`{field.default}`" if field.default else ""


if __name__ == "__main__":
    sys.stdout.write(settings_page())
