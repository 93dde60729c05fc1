"""Names of the vocabularies that letters and receipts are written in."""

XMLDSIG = "http://www.w3.org/2000/09/xmldsig#"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

# Letters: one namespace for each published template, and the building blocks that they share.
LETTER_TEMPLATES = "http://crd.gov.pl/wzor/"
GENERAL_LETTER = "http://crd.gov.pl/wzor/2013/12/12/1410/"
STRUCTURE = "http://crd.gov.pl/xml/schematy/struktura/2009/11/16/"
METADATA = "http://crd.gov.pl/xml/schematy/meta/2009/11/16/"
PERSON = "http://crd.gov.pl/xml/schematy/osoba/2009/11/16/"
INSTITUTION = "http://crd.gov.pl/xml/schematy/instytucja/2009/11/16/"
ADDRESS = "http://crd.gov.pl/xml/schematy/adres/2009/11/09/"

# Official receipts: UPP and UPD.
RECEIPTS = "http://crd.gov.pl/xml/schematy/UPO/2008/05/09/"

SIGNATURE = f"{{{XMLDSIG}}}Signature"
SCHEMA_LOCATION = f"{{{XSI}}}schemaLocation"
