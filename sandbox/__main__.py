"""`python -m sandbox FOLDER`: serve the sandbox by itself."""

from pathlib import Path

import click

from sandbox.errors import SandboxError
from sandbox.server import serve


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=int, required=True)
@click.option("--redirect-uri", "redirect_uris", multiple=True, help="Where login may return to.")
@click.option(
    "--post-logout-redirect-uri",
    "post_logout_redirect_uris",
    multiple=True,
    help="Where logout may return to.",
)
@click.option("--fd", type=int, help="An inherited socket that already listens on that address.")
def main(
    folder: Path,
    host: str,
    port: int,
    redirect_uris: tuple[str, ...],
    post_logout_redirect_uris: tuple[str, ...],
    fd: int | None,
) -> None:
    """Serve the sandbox in FOLDER (made at the first start): CA, OCSP, CRL, time stamps, login."""
    try:
        serve(
            folder,
            host,
            port,
            redirect_uris=redirect_uris,
            post_logout_redirect_uris=post_logout_redirect_uris,
            listening_descriptor=fd,
        )
    except SandboxError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
