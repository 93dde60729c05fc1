"""Which field is which element, in the order of the forms: one table for writing and reading."""

ADDRESS_PARTS: tuple[tuple[str, str], ...] = (
    ("postal_code", "KodPocztowy"),
    ("post", "Poczta"),
    ("city", "Miejscowosc"),
    ("street", "Ulica"),
    ("building", "Budynek"),
    ("flat", "Lokal"),
    ("country", "Kraj"),
    ("voivodeship", "Wojewodztwo"),
    ("county", "Powiat"),
    ("commune", "Gmina"),
    ("remarks", "Uwagi"),
)

CONTACT_PARTS: tuple[tuple[str, str], ...] = (
    ("phone", "Telefon"),
    ("fax", "Faks"),
    ("email", "Email"),
    ("website", "URIKontakt"),
    ("other", "InnyKontakt"),
)

PERSON_IDENTIFIERS: tuple[tuple[str, str], ...] = (("pesel", "PESEL"), ("nip", "NIP"))

INSTITUTION_IDENTIFIERS: tuple[tuple[str, str], ...] = (
    ("nip", "NIP"),
    ("regon", "REGON"),
    ("krs", "KRS"),
)

# Values of Zalacznik/@kodowanie.
BASE64 = "base64"
LINK = "URI"
