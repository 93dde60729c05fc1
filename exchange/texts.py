"""The sentences the exchange speaks to people, by code, in Polish and English.

Pages have their own catalogue (exchange/web/translations); here stand only the sentences that
belong to facts and errors, so that pages, API and commands say the same.
"""

from typing import Literal

Language = Literal["pl", "en"]

PHRASES: dict[str, tuple[str, str]] = {
    # errors
    "not_found": ("Nie ma takiej strony ani dokumentu.", "There is no such page or document."),
    "short_id_invalid": (
        "Identyfikator „{short_id}” musi mieć od 3 do 100 małych liter, cyfr, znaków - lub _.",
        "The identifier “{short_id}” must be 3 to 100 lower-case letters, digits, - or _.",
    ),
    "institution_unknown": (
        "Nie ma instytucji o identyfikatorze „{short_id}”.",
        "There is no institution with the identifier “{short_id}”.",
    ),
    "empty_document": (
        "Plik jest pusty. Wybierz plik z treścią.",
        "The file is empty. Choose a file with content.",
    ),
    "unsupported_kind": (
        "Tego rodzaju pliku nie można złożyć. Wybierz plik PDF albo XML.",
        "This kind of file cannot be filed. Choose a PDF or XML file.",
    ),
    "title_missing": ("Wpisz tytuł pisma.", "Enter the title of the letter."),
    "title_too_long": (
        "Tytuł może mieć najwyżej {limit} znaków.",
        "The title may have at most {limit} characters.",
    ),
    "text_missing": ("Wpisz treść pisma.", "Enter the text of the letter."),
    "text_too_long": (
        "Treść może mieć najwyżej {limit} znaków. Dłuższą dołącz jako plik.",
        "The text may have at most {limit} characters. Attach anything longer as a file.",
    ),
    "text_has_control_characters": (
        "Tekst zawiera znaki sterujące, których pismo nie może przenieść. Usuń je.",
        "The text has control characters that a letter cannot carry. Remove them.",
    ),
    "place_too_long": (
        "Miejscowość może mieć najwyżej {limit} znaków.",
        "The place may have at most {limit} characters.",
    ),
    "case_number_too_long": (
        "Znak sprawy może mieć najwyżej {limit} znaków.",
        "The case number may have at most {limit} characters.",
    ),
    "too_many_attachments": (
        "Pismo może mieć najwyżej {limit} załączników.",
        "A letter may have at most {limit} attachments.",
    ),
    "attachment_empty": ("Załącznik „{name}” jest pusty.", "The attachment “{name}” is empty."),
    "attachments_too_large": (
        "Załączniki mają razem więcej niż {limit} MB. Złóż je w kilku pismach.",
        "The attachments are larger than {limit} MB together. File them in several letters.",
    ),
    "addressee_missing": ("Wybierz adresata.", "Choose the addressee."),
    "addressee_is_sender": (
        "Nie można wysłać pisma do siebie. Wybierz innego adresata.",
        "A letter cannot be sent to its own sender. Choose another addressee.",
    ),
    "message_id_reused": (
        "Pod tym identyfikatorem złożono już inny dokument. Nic nie zostało zmienione; "
        "nowy dokument złóż pod nowym identyfikatorem.",
        "Another document was already filed under this identifier. Nothing was changed; "
        "file the new document under a new identifier.",
    ),
    "digest_changed": (
        "Dokument zmienił się od chwili wyświetlenia. Obejrzyj go ponownie i podpisz jeszcze raz.",
        "The document changed since it was shown. Look at it again and sign once more.",
    ),
    "no_signing_certificate": (
        "Tu nie można podpisać Twoim certyfikatem. Pobierz dokument, podpisz go własnym programem "
        "i prześlij podpisany plik.",
        "Your certificate is not available here. Download the document, sign it with your own "
        "application and upload the signed file.",
    ),
    "cannot_sign_file": (
        "Tego pliku nie można podpisać: {reason}",
        "This file cannot be signed: {reason}",
    ),
    "signed_file_of_other_kind": (
        "Podpisany plik jest innego rodzaju niż przygotowane pismo. Prześlij podpisane to pismo.",
        "The signed file is of another kind than the letter prepared. Upload this letter, signed.",
    ),
    "already_filed": (
        "To pismo zostało już złożone i nie można go zmienić.",
        "This letter has already been filed and cannot be changed.",
    ),
    "not_signed_yet": (
        "Pismo nie jest jeszcze podpisane. Podpisz je albo prześlij podpisany plik.",
        "The letter is not signed yet. Sign it or upload the signed file.",
    ),
    "seal_missing": (
        "Urząd nie ma skonfigurowanej pieczęci, więc nie może wystawić poświadczenia.",
        "The office has no seal configured, so it cannot issue the receipt.",
    ),
    "upd_not_signed_by_addressee": (
        "Poświadczenie doręczenia musi podpisać adresat. {reason}",
        "The proof of delivery must be signed by the addressee. {reason}",
    ),
    "upd_is_another": (
        "To nie jest poświadczenie przygotowane dla tego doręczenia. "
        "Pobierz je ponownie i podpisz.",
        "This is not the proof prepared for this delivery. Download it again and sign it.",
    ),
    "already_collected": (
        "Pismo zostało już odebrane.",
        "The letter has already been collected.",
    ),
    "validation_unavailable": (
        "Sprawdzenie podpisu nie powiodło się po naszej stronie. Spróbuj ponownie za chwilę.",
        "Checking the signature failed on our side. Try again in a moment.",
    ),
    "preview_unavailable": (
        "Nie można pokazać obrazu tej strony.",
        "The image of this page cannot be shown.",
    ),
    # formal requirement: is the letter signed as the law asks of its sender?
    "signed_by_sender": (
        "Podpis jest ważny i złożył go nadawca.",
        "The signature is valid and was made by the sender.",
    ),
    "signed_for_office": (
        "Podpis jest ważny i złożyła go osoba uprawniona w urzędzie nadawcy albo jego pieczęć.",
        "The signature is valid and was made by a person of the sending office or by its seal.",
    ),
    "signed_by_another": (
        "Podpis jest ważny, ale złożyła go inna osoba niż nadawca. Sprawdź pełnomocnictwo.",
        "The signature is valid but was made by someone other than the sender. "
        "Check the power of attorney.",
    ),
    "signer_unidentified": (
        "Podpis jest ważny, ale certyfikat nie pozwala ustalić, czy złożył go nadawca.",
        "The signature is valid, but its certificate does not tell whether the sender made it.",
    ),
    "not_signed": ("Dokument nie jest podpisany.", "The document is not signed."),
    "signature_invalid": (
        "Podpis jest nieważny. Wezwij nadawcę do uzupełnienia braku.",
        "The signature is invalid. Ask the sender to supply a valid one.",
    ),
    "signature_indeterminate": (
        "Nie udało się ustalić, czy podpis jest ważny. Sprawdź przyczynę i ponów sprawdzenie.",
        "It could not be established whether the signature is valid. "
        "See the reason and check again.",
    ),
    "not_examined": (
        "Dokumentu nie udało się zbadać w granicach bezpieczeństwa (czas albo pamięć).",
        "The document could not be examined within the safety limits (time or memory).",
    ),
}


def phrase(code: str, language: Language, **params: object) -> str:
    """Give the sentence of a code in a language, with its parameters filled in.

    Raises `KeyError` for an unknown code: codes are written by us, never by users.
    """
    polish, english = PHRASES[code]
    return (polish if language == "pl" else english).format(**params)
