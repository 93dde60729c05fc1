"""What a visitor sees when something went wrong: one kind page for each, in their language.

The pages name no address and carry no form, so that the answer for a stranger's letter is byte for
byte the answer for nothing at all.
"""

import errno
import secrets
from dataclasses import dataclass

from flask import Flask, Response, current_app, make_response, render_template, request
from flask.globals import request_ctx
from flask_babel import LazyString, get_locale
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from exchange.errors import Conflict, ExchangeError, NotFound
from exchange.texts import Language
from exchange.web.language import current_language
from storage import DatabaseUnavailable, NotReadBack, StoreError

DISK_IS_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
RETRY_AFTER_SECONDS = 60  # what programs are told; people read "in a few minutes"
INCIDENT_BYTES = 4  # enough to find one line in the log, short enough to read out on the telephone


@dataclass(frozen=True)
class Problem:
    """The words of one kind of failure."""

    title: LazyString
    paragraphs: tuple[LazyString, ...]


PROBLEMS: dict[int, Problem] = {
    400: Problem(
        _l("We could not understand that request"),
        (_l("Go back, load the page again and repeat what you were doing."),),
    ),
    403: Problem(
        _l("You may not do that"),
        (
            _l(
                "Your role does not allow it. "
                "If you think it should, ask the administrator of your office."
            ),
        ),
    ),
    404: Problem(
        _l("Page not found"),
        (
            _l("There is no such page or document, or it is not addressed to you."),
            _l("If you act in several names, check at the top of the page whose mailbox is open."),
        ),
    ),
    405: Problem(
        _l("That page cannot be opened this way"),
        (_l("Start again from your mailbox."),),
    ),
    413: Problem(
        _l("That is too large"),
        (
            _l("The files you sent are larger than this service accepts. Nothing was kept."),
            _l("Send smaller files, or divide them among several letters."),
        ),
    ),
    429: Problem(
        _l("Too many attempts"),
        (_l("Wait a minute and try again."),),
    ),
    500: Problem(
        _l("Something failed on our side"),
        (
            _l("What you had filed or signed before is safe. Try again in a moment."),
            _l("If it happens again, tell the administrator this number:"),
        ),
    ),
    503: Problem(
        _l("The service cannot do that just now"),
        (
            _l(
                "Too many people want something at once, or a part of the service does not answer. "
                "What you had filed or signed before is safe."
            ),
            _l(
                "Try again in a few minutes. A letter that you were filing stands under "
                "“Sent and drafts”: file it again there. It will not be filed twice."
            ),
        ),
    ),
}

NO_ROOM = Problem(
    _l("There is no room for your files just now"),
    (
        _l(
            "The service's disk is full. Nothing of what you sent now was kept; "
            "what you had filed or signed before is safe."
        ),
        _l("Try again in a few minutes."),
    ),
)

EXPIRED = Problem(
    _l("This form is no longer valid"),
    (
        _l(
            "It was opened too long ago, or you signed in again since. "
            "Go back, load the page again and repeat."
        ),
    ),
)


def init_problems(app: Flask) -> None:
    """Let `app` answer every failure with its page."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(InternalServerError, _internal)
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(ExchangeError, _exchange)
    for away in (DatabaseUnavailable, StoreError, NotReadBack):
        app.register_error_handler(away, _unavailable)
    app.register_error_handler(OSError, _system)


def _http(error: HTTPException) -> Response:
    code = error.code or 500
    if code == 503:
        return _later(PROBLEMS[503])
    if code < 400:  # a redirect that Werkzeug raises, such as for a missing slash
        return make_response(error.get_response())
    return _page(code, PROBLEMS.get(code, PROBLEMS[400 if code < 500 else 500]))


def _expired(_error: CSRFError) -> Response:
    return _page(400, EXPIRED)


def _not_found(_error: NotFound) -> Response:
    return _page(404, PROBLEMS[404])


def _exchange(error: ExchangeError) -> Response:
    """Say what a service refused and no page handled: the words are its own."""
    status = 409 if isinstance(error, Conflict) else 422
    problem = Problem(_l("That could not be done"), ())
    return _page(status, problem, said=error.text(spoken()))


def _internal(_error: InternalServerError) -> Response:
    """Flask has logged the failure itself; the number ties the visitor's page to that line."""
    incident = secrets.token_hex(INCIDENT_BYTES)
    current_app.logger.error("incident %s: %s %s", incident, request.method, request.endpoint)
    return _page(500, PROBLEMS[500], said=incident)


def _unavailable(error: DatabaseUnavailable | StoreError | NotReadBack) -> Response:
    current_app.logger.error("unavailable in %s: %s", request.endpoint, error)
    return _later(PROBLEMS[503])


def _system(error: OSError) -> Response:
    if error.errno not in DISK_IS_FULL:
        raise error
    current_app.logger.error("no room for %s: %s", request.endpoint, error.strerror)
    return _later(NO_ROOM)


def _later(problem: Problem) -> Response:
    response = _page(503, problem)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _page(status: int, problem: Problem, *, said: str | None = None) -> Response:
    if request_ctx.url_adapter is None:  # a host name we do not answer to: no link could be made
        return Response(f"{status} {problem.title}\n", status, mimetype="text/plain")
    body = render_template("problem.html", problem=problem, said=said)
    return make_response(body, status)


def spoken() -> Language:
    """Give the language in which services shall phrase their sentences."""
    return "en" if get_locale() and current_language() == "en" else "pl"
