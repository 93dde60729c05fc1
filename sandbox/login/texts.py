"""What the sandbox's pages say, in Polish and in English."""

from collections.abc import Mapping

_TEXTS: Mapping[str, Mapping[str, str]] = {
    "pl": {
        "sandbox": "Piaskownica",
        "warning": "To nie jest prawdziwe logowanie. Osoby są zmyślone, a ich podpisy nie mają "
        "żadnej mocy prawnej.",
        "choose": "Za kogo się zalogować?",
        "citizens": "Mieszkańcy",
        "cancel": "Nie loguj",
        "clerk": "urzędnik",
        "signatory": "podpisujący",
        "auditor": "audytor",
        "revoked": "certyfikat unieważniony",
        "expired": "certyfikat wygasły",
        "refused": "Tego żądania nie można przyjąć",
        "reason": "Powód",
        "back": "Wróć do usługi, z której tu trafiłeś, i zacznij od nowa.",
        "signed_out": "Wylogowano",
        "signed_out_text": "Możesz zamknąć tę stronę.",
        "index": "Piaskownica Skrytki",
        "index_text": "Tu odpowiadają usługi na niby: urząd certyfikacji, znacznik czasu i "
        "logowanie. Korzysta z nich wyłącznie pokaz i testy.",
        "issuer": "Adres logowania (OpenID Connect)",
        "disclosure": "Oświadczenie o certyfikatach",
        "disclosure_text": "Certyfikaty wydane przez Skrytka Sandbox służą wyłącznie do pokazu. "
        "Nie są kwalifikowane, choć tak wyglądają, i nikt za nie nie odpowiada.",
    },
    "en": {
        "sandbox": "Sandbox",
        "warning": "This is not a real login. The people are invented and their signatures have "
        "no legal effect.",
        "choose": "Who do you want to log in as?",
        "citizens": "Citizens",
        "cancel": "Do not log in",
        "clerk": "clerk",
        "signatory": "signatory",
        "auditor": "auditor",
        "revoked": "certificate revoked",
        "expired": "certificate expired",
        "refused": "This request cannot be accepted",
        "reason": "Reason",
        "back": "Go back to the service you came from and start again.",
        "signed_out": "Signed out",
        "signed_out_text": "You can close this page.",
        "index": "Skrytka Sandbox",
        "index_text": "Make-believe services answer here: a certification authority, a time "
        "stamp and a login. Only the demonstration and the tests use them.",
        "issuer": "Login address (OpenID Connect)",
        "disclosure": "Certificate disclosure statement",
        "disclosure_text": "Certificates issued by Skrytka Sandbox are for demonstration only. "
        "They are not qualified, though they look it, and nobody answers for them.",
    },
}


def language_of(ui_locales: str, accepted: str | None) -> str:
    """Give "pl" or "en": what the client asked for, else what the browser accepts, else Polish."""
    for tag in ui_locales.split():
        if (language := tag.split("-")[0].lower()) in _TEXTS:
            return language
    return accepted or "pl"


def texts(language: str) -> Mapping[str, str]:
    """Give the texts of one language by name."""
    return _TEXTS[language]
