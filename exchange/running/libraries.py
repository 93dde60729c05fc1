"""The libraries that must fit each other, checked before a document is touched.

lxml and xmlsec each bring a libxml2 of their own and hand nodes to each other. With different
versions that corrupts memory, so xmlsec refuses to load; here that refusal becomes an advice.
"""

import platform
from importlib.metadata import version


class LibraryError(Exception):
    """The installed libraries do not fit each other; the message says how to mend it."""


def library_versions() -> dict[str, str]:
    """Give the versions that a report of a fault should name.

    Raises `LibraryError` when lxml and xmlsec were built with different libxml2.
    """
    from cryptography.hazmat.backends.openssl import backend
    from lxml import etree

    try:
        import xmlsec
    except Exception as error:  # its own class, which cannot be imported as its module failed
        raise LibraryError(_mismatch(str(error))) from error
    lxml_libxml = etree.LIBXML_VERSION
    xmlsec_libxml = tuple(xmlsec.get_libxml_version())
    if lxml_libxml[:2] != xmlsec_libxml[:2]:
        raise LibraryError(_mismatch(f"{_dotted(lxml_libxml)} and {_dotted(xmlsec_libxml)}"))
    return {
        "skrytka": version("skrytka"),
        "Python": platform.python_version(),
        "lxml": f"{version('lxml')} (libxml2 {_dotted(lxml_libxml)})",
        "xmlsec": f"{version('xmlsec')} (libxml2 {_dotted(xmlsec_libxml)})",
        "cryptography": f"{version('cryptography')} ({backend.openssl_version_text()})",
        "pyHanko": version("pyhanko"),
    }


def _dotted(number: tuple[int, ...]) -> str:
    return ".".join(map(str, number))


def _mismatch(detail: str) -> str:
    return (
        f"lxml and xmlsec were built with different versions of libxml2 ({detail}). "
        "Install both as wheels: pip install --only-binary :all: --require-hashes "
        "--force-reinstall -r requirements.lock"
    )
