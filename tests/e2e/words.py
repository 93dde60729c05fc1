"""What the pages call things, as a visitor reads it: written by hand, not read from the product."""

from dataclasses import dataclass

TOWN_HALL = "Urząd Miasta Lubań"
COUNTY = "Starostwo Powiatowe w Lubaniu"


@dataclass(frozen=True)
class Words:
    """The words of one language that the tests look for, and what their letters say."""

    language: str
    language_name: str
    language_label: str
    skip: str
    # the way around
    sign_in: str
    sign_out: str
    cancel_login: str
    login_cancelled: str
    another_name: str
    accessibility: str
    new_letter: str
    answer: str
    write: str
    upload: str
    go_on: str
    download: str
    # a letter being prepared
    to_whom: str
    title: str
    title_optional: str
    text: str
    place: str
    attachments: str
    file: str
    signed_already: str
    choose_files: str
    sign_here: str
    own_application: str
    download_document: str
    signed_file: str
    upload_signed: str
    send: str
    kept_as_draft: str
    error_prefix: str
    title_missing: str
    wrong_kind: str
    other_kind: str
    # what is told of a letter
    filed: str
    sent: str
    filing_time: str
    register_number: str
    addressee: str
    digest: str
    issued_by: str
    passed: str
    original: str
    signature_checks: str
    page_1_of: str
    # receipts and collecting
    upp: str
    upd: str
    download_upp: str
    waiting: str
    sign_to_collect: str
    digest_of_proof: str
    download_proof: str
    open_with_signature: str
    not_found: str
    # verdicts
    valid: str
    invalid: str
    formal_met: str
    formal_not_met: str
    # what Anna and the offices write
    letter_title: str
    letter_text: str
    plan_title: str
    decision_title: str
    decision_text: str


POLISH = Words(
    language="pl",
    language_name="Polski",
    language_label="Język",
    skip="Przejdź do treści",
    sign_in="Zaloguj się",
    sign_out="Wyloguj się",
    cancel_login="Nie loguj",
    login_cancelled="Logowanie zostało przerwane.",
    another_name="Zmień, w czyim imieniu działasz",
    accessibility="Deklaracja dostępności",
    new_letter="Nowe pismo",
    answer="Odpowiedz",
    write="Napisz pismo",
    upload="Prześlij plik",
    go_on="Dalej",
    download="Pobierz",
    to_whom="Do kogo",
    title="Tytuł",
    title_optional="Tytuł (nieobowiązkowo)",
    text="Treść pisma",
    place="Miejscowość",
    attachments="Załączniki (nieobowiązkowo)",
    file="Plik",
    signed_already="Tak, zawiera mój podpis elektroniczny",
    choose_files="Wybierz pliki",
    sign_here="Podpisz tutaj",
    own_application="Podpisz własnym programem",
    download_document="Pobierz dokument",
    signed_file="Podpisany plik",
    upload_signed="Prześlij podpisany plik",
    send="Wyślij pismo",
    kept_as_draft="Szkic jest zapisany.",
    error_prefix="Błąd:",
    title_missing="Wpisz tytuł pisma.",
    wrong_kind="Tego rodzaju pliku nie można złożyć. Wybierz plik PDF albo XML.",
    other_kind="Podpisany plik jest innego rodzaju niż przygotowane pismo.",
    filed="Pismo złożone",
    sent="Pismo wysłane",
    filing_time="Data i godzina złożenia",
    register_number="Numer w rejestrze",
    addressee="Adresat",
    digest="Skrót SHA-256",
    issued_by="Wystawca",
    passed="spełnione",
    original="Pobierz oryginał",
    signature_checks="Podpis 1 z 1",
    page_1_of="Strona 1 z {count}",
    upp="Poświadczenie przedłożenia (UPP)",
    upd="Poświadczenie doręczenia (UPD)",
    download_upp="Pobierz poświadczenie przedłożenia (UPP)",
    waiting="Pismo czeka na odbiór",
    sign_to_collect="Podpisz, aby odebrać",
    digest_of_proof="Skrót SHA-256 poświadczenia",
    download_proof="Pobierz poświadczenie",
    open_with_signature="Podpisz poświadczenie i otwórz pismo",
    not_found="Nie ma takiej strony",
    valid="Podpis ważny",
    invalid="Podpis nieważny",
    formal_met="Wymóg formalny spełniony",
    formal_not_met="Wymóg formalny niespełniony",
    letter_title="Wniosek o wydanie warunków zabudowy",
    letter_text=(
        "Wnoszę o ustalenie warunków zabudowy dla działki nr 117/4 przy ulicy Zmyślonej.\n\n"
        "Planuję dom jednorodzinny z garażem: ćma, źdźbło, łąka, „żółć”."
    ),
    plan_title="Projekt zagospodarowania działki",
    decision_title="Decyzja o warunkach zabudowy",
    decision_text=(
        "Po rozpatrzeniu wniosku ustalam warunki zabudowy zgodnie z wnioskiem.\n\n"
        "Od decyzji służy odwołanie w terminie 14 dni od dnia doręczenia."
    ),
)

ENGLISH = Words(
    language="en",
    language_name="English",
    language_label="Language",
    skip="Skip to main content",
    sign_in="Sign in",
    sign_out="Sign out",
    cancel_login="Do not log in",
    login_cancelled="Signing in was cancelled.",
    another_name="Act in another name",
    accessibility="Accessibility statement",
    new_letter="New letter",
    answer="Answer",
    write="Write a letter",
    upload="Upload a file",
    go_on="Continue",
    download="Download",
    to_whom="To whom",
    title="Title",
    title_optional="Title (optional)",
    text="Text",
    place="Place",
    attachments="Attachments (optional)",
    file="File",
    signed_already="Yes, it carries my electronic signature",
    choose_files="Choose files",
    sign_here="Sign here",
    own_application="Sign with your own application",
    download_document="Download the document",
    signed_file="Signed file",
    upload_signed="Upload the signed file",
    send="Send the letter",
    kept_as_draft="The draft is kept.",
    error_prefix="Error:",
    title_missing="Enter the title of the letter.",
    wrong_kind="This kind of file cannot be filed. Choose a PDF or XML file.",
    other_kind="The signed file is of another kind than the letter prepared.",
    filed="Letter filed",
    sent="Letter sent",
    filing_time="Filing time",
    register_number="Register number",
    addressee="Addressee",
    digest="SHA-256",
    issued_by="Issued by",
    passed="passed",
    original="Download the original",
    signature_checks="Signature 1 of 1",
    page_1_of="Page 1 of {count}",
    upp="Proof of submission (UPP)",
    upd="Proof of delivery (UPD)",
    download_upp="Download the proof of submission (UPP)",
    waiting="Letter waiting to be collected",
    sign_to_collect="Sign to collect",
    digest_of_proof="SHA-256 of the proof",
    download_proof="Download the proof",
    open_with_signature="Sign the proof and open the letter",
    not_found="Page not found",
    valid="Signature valid",
    invalid="Signature not valid",
    formal_met="Formal requirement met",
    formal_not_met="Formal requirement not met",
    letter_title="Application for a planning decision",
    letter_text=(
        "I apply for a planning decision for plot no. 117/4 in Invented Street.\n\n"
        "I intend to build a house with a garage."
    ),
    plan_title="Plan of the plot",
    decision_title="Planning decision",
    decision_text=(
        "Having considered the application, I grant it as it stands.\n\n"
        "An appeal may be lodged within 14 days of delivery."
    ),
)

BY_LANGUAGE = {words.language: words for words in (POLISH, ENGLISH)}
