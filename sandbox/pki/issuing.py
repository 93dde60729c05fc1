"""Certomancer, opened on a plan and the folder of its keys."""

import json
from pathlib import Path

from certomancer.registry import ArchLabel, CertLabel, CertomancerConfig, PKIArchitecture

from sandbox.pki.making import KEYS_FOLDER, PLAN_FILE
from sandbox.pki.profiles import ARCHITECTURE, Plan
from sandbox.pki.signing import use_cached_keys


def open_authority(folder: Path) -> PKIArchitecture:
    """Open the authority that `making` left in `folder`."""
    plan = json.loads((folder / PLAN_FILE).read_text(encoding="utf-8"))
    return _architecture(plan, folder / KEYS_FOLDER)


def issue_certificates(plan: Plan, keys: Path) -> dict[str, bytes]:
    """Issue every certificate of the plan with the keys found in the folder `keys`.

    Gives label → DER. Issuing again gives the same bytes: every authority's key is RSA with
    PKCS#1 v1.5, and the plan holds all that varies.
    """
    architecture = _architecture(plan, keys)
    labels = plan["pki-architectures"][ARCHITECTURE]["certs"]
    return {label: architecture.get_cert(CertLabel(label)).dump() for label in labels}


def _architecture(plan: Plan, keys: Path) -> PKIArchitecture:
    use_cached_keys()
    config = CertomancerConfig(plan, key_search_dir=str(keys), lazy_load_keys=True)
    return config.get_pki_arch(ArchLabel(ARCHITECTURE))
