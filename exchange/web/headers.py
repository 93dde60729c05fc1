"""What every answer tells the browser about how far to trust it."""

from flask import Flask, Response, request

PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Nothing inline, nothing foreign, no frames (Content Security Policy Level 3)."""

DOCUMENT_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""For people's documents: even a browser that opened one could run nothing in it."""

HSTS = "max-age=31536000; includeSubDomains"
STATIC_AGE = "public, max-age=31536000, immutable"
"""Files under /static carry a digest of their content in the address, so they never change."""

_ALWAYS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": under https the CSRF check compares the referrer with our own host.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def init_headers(app: Flask, *, https: bool) -> None:
    """Put the headers on every answer of `app`; `https` adds Strict-Transport-Security."""

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in _ALWAYS.items():
            response.headers.setdefault(name, value)
        if https:
            response.headers["Strict-Transport-Security"] = HSTS
        if request.endpoint == "static" and "v" in request.args and response.status_code == 200:
            response.headers["Cache-Control"] = STATIC_AGE
        elif request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response
