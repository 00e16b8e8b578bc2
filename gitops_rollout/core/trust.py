"""Which certificate authorities are trusted: one variable says it for git and for the forges' APIs alike."""

from collections.abc import Mapping
from typing import NamedTuple

# The first that is set counts: OpenSSL's own, those of Python's requests and of curl, and git's (git-config(1)).
FILES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO")
FOLDERS = ("SSL_CERT_DIR", "GIT_SSL_CAPATH")
UNTRUSTED = "Set SSL_CERT_FILE to a PEM file with the certificate of the authority that signed it."


class Authorities(NamedTuple):
    """Where the certificates are, a PEM file or a folder of them, and the variable that says so."""

    variable: str
    path: str
    folder: bool


def authorities(environment: Mapping[str, str]) -> Authorities | None:
    """What the environment names; None where the system's own are meant."""
    for names, folder in ((FILES, False), (FOLDERS, True)):
        for name in names:
            if path := environment.get(name, "").strip():
                return Authorities(name, path, folder)
    return None
