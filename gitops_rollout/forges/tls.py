"""TLS towards forges: the system's certificates, or those that the environment names, as git is told too."""

import ssl
from collections.abc import Mapping

from gitops_rollout.core.trust import authorities
from gitops_rollout.model.errors import ForgeError


def tls_context(environment: Mapping[str, str]) -> ssl.SSLContext:
    """What connections are checked with; `ForgeError` naming the variable whose file cannot be used."""
    named = authorities(environment)
    if named is None:
        context = ssl.create_default_context()
        if not context.get_ca_certs() and not context.cert_store_stats()["x509_ca"]:
            import certifi  # a machine without certificates of its own, such as a bare image

            context.load_verify_locations(certifi.where())
        return context
    try:
        if named.folder:
            return ssl.create_default_context(capath=named.path)
        return ssl.create_default_context(cafile=named.path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ForgeError(
            f"{named.variable}: {named.path} holds no certificates that can be read ({reason})",
            "Name a PEM file with the certificates of your authorities.",
        ) from None
