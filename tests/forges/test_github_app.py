"""The token of a GitHub App: the claim is signed with its key and traded for a token of the installation."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gitops_rollout.forges.github.app import APP, INSTALLATION, KEY, AppTokens, app_tokens
from gitops_rollout.forges.location import Location
from gitops_rollout.model.errors import ForgeError

WHERE = Location("github", "https://github.com", "acme", "models")
PRIVATE = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = PRIVATE.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()


class Handler(BaseHTTPRequestHandler):
    """Knows one app, 17, installed as number 2."""

    given = 0

    def do_GET(self) -> None:
        self.reply(200, {"id": 2} if self.path == "/repos/acme/models/installation" else None)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        type(self).given += 1
        wanted = self.path == "/app/installations/2/access_tokens"
        self.reply(
            201, {"token": f"ghs_for_this_run_{self.given}", "expires_at": "2030-01-01T00:00:00Z"} if wanted else None
        )

    def reply(self, status: int, answer: object) -> None:
        claim = self.headers["authorization"].removeprefix("Bearer ")
        try:
            assert jwt.decode(claim, PRIVATE.public_key(), algorithms=["RS256"])["iss"] == "17"
        except (jwt.PyJWTError, AssertionError):
            status, answer = 401, {"message": "A JSON web token could not be decoded"}
        if answer is None:
            status, answer = 404, {"message": "Not Found"}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def api() -> Iterator[str]:
    Handler.given = 0
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def tokens(environment: dict[str, str], api: str | None = None) -> AppTokens:
    found = app_tokens(WHERE, environment, api)
    assert found is not None
    return found


def test_nothing_is_asked_for_without_an_app() -> None:
    assert app_tokens(WHERE, {}) is None


def test_half_of_it_is_an_error() -> None:
    with pytest.raises(ForgeError, match=KEY):
        app_tokens(WHERE, {APP: "17"})


def test_a_key_that_is_none_is_said_without_showing_it() -> None:
    wrong = tokens({APP: "17", KEY: "planted-secret", INSTALLATION: "2"})
    with pytest.raises(ForgeError) as caught:
        wrong.token()
    assert "planted-secret" not in f"{caught.value.message}{caught.value.hint}{wrong!r}"


@pytest.mark.parametrize("installation", ["2", ""])
def test_github_takes_the_claim_and_gives_a_token(api: str, installation: str) -> None:
    assert tokens({APP: "17", KEY: PEM, INSTALLATION: installation}, api).token() == "ghs_for_this_run_1"


def test_a_token_is_used_until_it_is_about_to_end(api: str) -> None:
    app = tokens({APP: "17", KEY: PEM, INSTALLATION: "2"}, api)
    assert [app.token(), app.token()] == ["ghs_for_this_run_1"] * 2
    assert app._ends is not None
    app._ends = datetime.now(UTC) + timedelta(minutes=5)
    assert app.token() == "ghs_for_this_run_2"
    assert "ghs_" not in repr(app)


def test_an_app_that_github_does_not_know_is_said(api: str) -> None:
    with pytest.raises(ForgeError, match="401"):
        tokens({APP: "18", KEY: PEM, INSTALLATION: "2"}, api).token()
