"""A private certificate authority and a proxy: what the environment says of them, git and the forges' API both heed."""

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gitops_rollout.forges.http import Client, Unknown
from gitops_rollout.model.errors import ForgeError, RepositoryError
from gitops_rollout.repository import open_repository
from tests.repository.http_remote import PASSWORD, USER, HttpRemote, serve
from tests.servers.relay import relay

USERINFO = f"{USER}:{quote(PASSWORD, safe='')}"
VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO")
PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy")


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """A certificate that vouches for itself; its key stands beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Private")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(),
                                      now - timedelta(days=1), now + timedelta(days=1))  # fmt: skip
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
    made = builder.sign(key, hashes.SHA256())
    words = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "both.pem").write_bytes(made.public_bytes(words[0]) + key.private_bytes(*words))
    (tmp_path / "ca.pem").write_bytes(made.public_bytes(words[0]))
    return tmp_path / "ca.pem"


@pytest.fixture
def https(
    remote_and_clone: tuple[Path, Path], authority: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[HttpRemote]:
    for name in (*VARIABLES, *PROXIES):
        monkeypatch.delenv(name, raising=False)
    remote, _ = remote_and_clone
    remote.rename(remote.with_name("remote.git"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.with_name("both.pem"))
    with serve(remote.parent, context) as served:
        yield served


def ask(https: HttpRemote) -> ForgeError:
    """The API beside the repository: who gets through to the server is asked for a password."""
    client = Client(https.url("api"), {}, sleep=lambda seconds: None)
    with pytest.raises(ForgeError) as caught:
        client.get("/nothing")
    return caught.value


@pytest.mark.parametrize("variable", VARIABLES)
def test_an_authority_of_one_s_own_is_named_once_for_both(
    variable: str, https: HttpRemote, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = authority
    if variable == "SSL_CERT_DIR":
        value = authority.parent / "authorities"
        value.mkdir()
        (value / f"{subject_hash(authority)}.0").write_bytes(authority.read_bytes())
    monkeypatch.setenv(variable, str(value))
    assert open_repository(https.url("remote.git", USERINFO)).base_commit()[0] == "main"
    assert "401" in ask(https).message


def subject_hash(certificate: Path) -> str:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not here to name the file as such a folder wants it")
    command = ["openssl", "x509", "-hash", "-noout", "-in", str(certificate)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_an_unknown_authority_is_refused_by_both(https: HttpRemote) -> None:
    with pytest.raises(RepositoryError) as caught:
        open_repository(https.url("remote.git", USERINFO)).base_commit()
    assert "SSL_CERT_FILE" in (caught.value.hint or "")
    answer = ask(https)
    assert isinstance(answer, Unknown)
    assert "SSL_CERT_FILE" in (answer.hint or "")


def test_a_file_that_holds_no_certificates_is_named(
    https: HttpRemote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "empty.pem"))
    with pytest.raises(ForgeError, match=r"SSL_CERT_FILE: .*empty.pem"):
        Client(https.url("api"), {}).get("/nothing")


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
def test_a_proxy_is_used_by_both_and_its_password_shown_by_none(
    variable: str, https: HttpRemote, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with relay(f"http://127.0.0.1:{https.port}", proxy=True) as proxy:
        monkeypatch.setenv(variable, f"http://somebody:planted-in-the-proxy@127.0.0.1:{proxy.port}")
        assert open_repository(https.url("remote.git", USERINFO)).base_commit()[0] == "main"
        through_git = len(proxy.asked)
        assert through_git > 0
        assert "401" in ask(https).message
        assert len(proxy.asked) > through_git
        assert set(proxy.asked) == {f"CONNECT 127.0.0.1:{https.port} HTTP/1.1"}
    with pytest.raises(RepositoryError) as caught:  # the proxy is gone
        open_repository(https.url("remote.git", USERINFO)).base_commit()
    answer = ask(https)
    assert isinstance(answer, Unknown)
    shown = f"{caught.value.message}{caught.value.hint}{answer.message}{answer.hint}{''.join(https.arguments_seen)}"
    assert "planted-in-the-proxy" not in shown
