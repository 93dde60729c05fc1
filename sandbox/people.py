"""The invented people and offices of the demonstration.

Nobody here exists. Every PESEL has a right check digit and a birth date in the 1880s or 1890s;
every NIP begins with 000, which no tax office ever had; every REGON with 98, which no region has.
`skrytka demo` seeds its offices from this list, the login page offers these people, and the
sandbox's authority issues their certificates.
"""

from dataclasses import dataclass
from enum import StrEnum


class CertificateState(StrEnum):
    """What the sandbox's authority says of a person's certificate."""

    VALID = "valid"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Office:
    """A public office of the demonstration; `short_id` stands in its mailbox address."""

    short_id: str
    name: str
    tax_id: str
    regon: str
    register_prefix: str
    street: str
    building: str
    postcode: str
    town: str


@dataclass(frozen=True)
class Person:
    """Somebody who can log in; `roles` are those in the `office`, none for a citizen."""

    person_id: str
    given_name: str
    family_name: str
    pesel: str
    office: str | None = None
    roles: tuple[str, ...] = ()
    certificate_state: CertificateState = CertificateState.VALID

    @property
    def subject(self) -> str:
        """The subject identifier (OpenID `sub`) under which the login provider knows the person."""
        return self.person_id

    @property
    def name(self) -> str:
        """Given and family name as one writes them."""
        return f"{self.given_name} {self.family_name}"


OFFICES: tuple[Office, ...] = (
    Office(
        short_id="umluban",
        name="Urząd Miasta Lubań",
        tax_id="0000001100",
        regon="980000113",
        register_prefix="UM",
        street="ul. Zmyślona",
        building="1",
        postcode="59-800",
        town="Lubań",
    ),
    Office(
        short_id="splubans",
        name="Starostwo Powiatowe w Lubaniu",
        tax_id="0000002200",
        regon="980000225",
        register_prefix="SP",
        street="ul. Nieistniejąca",
        building="2",
        postcode="59-800",
        town="Lubań",
    ),
)

PEOPLE: tuple[Person, ...] = (
    Person("anna", "Anna", "Wymyślna", "81820310122"),
    Person("jan", "Jan", "Zmyślony", "82851710112"),
    Person("zofia", "Zofia", "Przykładna", "83882910146", "umluban", ("clerk",)),
    Person("tomasz", "Tomasz", "Niebyły", "84910810137", "umluban", ("clerk", "signatory")),
    Person("ewa", "Ewa", "Próbna", "85812110161", "umluban", ("auditor",)),
    Person("piotr", "Piotr", "Pozorny", "92862410110", "splubans", ("clerk",)),
    Person("maria", "Maria", "Umowna", "91841210125", "splubans", ("clerk", "signatory")),
    Person(
        "krystyna",
        "Krystyna",
        "Odwołana",
        "93890510188",
        certificate_state=CertificateState.REVOKED,
    ),
    Person(
        "wiktor",
        "Wiktor",
        "Wygasły",
        "94923010152",
        certificate_state=CertificateState.EXPIRED,
    ),
)
