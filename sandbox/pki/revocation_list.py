"""Certificate revocation lists exactly as RFC 5280 wants them encoded.

Certomancer decides what is on the list and when the next is due, but writes its dates as
GeneralizedTime and an empty list as an empty sequence; RFC 5280 5.1.2 wants UTCTime until 2049
and no sequence at all.
"""

from asn1crypto import crl, x509
from certomancer.crypto_utils import generic_sign
from certomancer.registry import PKIArchitecture, ServiceLabel

_FIRST_YEAR_OF_GENERALIZED_TIME = 2050


def correct_list(
    given: crl.CertificateList, authority: PKIArchitecture, repository: ServiceLabel
) -> crl.CertificateList:
    """Give Certomancer's list with its dates encoded anew, signed again by the same key."""
    tbs = given["tbs_cert_list"].copy()
    for field in ("this_update", "next_update"):
        tbs[field] = _time(tbs[field])
    if len(tbs["revoked_certificates"]) == 0:
        del tbs["revoked_certificates"]
    else:
        for entry in tbs["revoked_certificates"]:
            entry["revocation_date"] = _time(entry["revocation_date"])
    info = authority.service_registry.get_crl_repo_info(repository)
    key = authority.key_set.get_private_key(info.signing_key)
    algorithm = given["signature_algorithm"]
    signature = generic_sign(key, tbs.dump(force=True), algorithm)
    return crl.CertificateList(
        {"tbs_cert_list": tbs, "signature_algorithm": algorithm, "signature": signature}
    )


def _time(moment: x509.Time) -> x509.Time:
    late = moment.native.year >= _FIRST_YEAR_OF_GENERALIZED_TIME
    return x509.Time("general_time" if late else "utc_time", moment.native)
