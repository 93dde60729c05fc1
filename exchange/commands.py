"""`skrytka institution` and `skrytka user`: who belongs where."""

from typing import Protocol

import click

from exchange.identity.profiles import new_identity
from exchange.people import Role
from exchange.services import Services


class ExchangeParts(Protocol):
    """What app.py gives these commands."""

    @property
    def services(self) -> Services:
        """The exchange's services."""


@click.group()
def institution() -> None:
    """Institutions and their mailboxes."""


@institution.command("add")
@click.argument("short_id")
@click.argument("name")
@click.option("--register-prefix", default="RPW", show_default=True, help="of register numbers")
@click.pass_obj
def add_institution(parts: ExchangeParts, short_id: str, name: str, register_prefix: str) -> None:
    """Add or rename the institution SHORT_ID (its ePUAP-ID, e.g. umluban)."""
    added = parts.services.identity.add_institution(short_id, name, register_prefix)
    click.echo(f"{added.short_id}  {added.name}")


@institution.command("list")
@click.pass_obj
def list_institutions(parts: ExchangeParts) -> None:
    """List institutions with the addresses of their mailboxes."""
    for mailbox in parts.services.mailboxes.offices():
        click.echo(f"{mailbox.address}  {mailbox.name}")


@click.group()
def user() -> None:
    """People's roles in institutions."""


@user.command("roles")
@click.argument("short_id")
@click.argument("provider")
@click.argument("subject")
@click.argument("roles", nargs=-1, type=click.Choice([role.value for role in Role]))
@click.option("--given-name", default="", help="until the person first signs in")
@click.option("--family-name", default="", help="until the person first signs in")
@click.pass_obj
def set_roles(
    parts: ExchangeParts,
    short_id: str,
    provider: str,
    subject: str,
    roles: tuple[str, ...],
    given_name: str,
    family_name: str,
) -> None:
    """Let SUBJECT of login PROVIDER hold exactly these ROLES in institution SHORT_ID.

    Without roles the person no longer belongs to the institution.
    """
    member = new_identity(provider, subject, given_name or subject, family_name, None)
    parts.services.identity.set_member(short_id, member, [Role(role) for role in roles])
    click.echo(f"{subject}: {', '.join(roles) or 'no roles'} in {short_id}")
