"""Requests to a forge: retried where that is safe, unknown where it is not, and silent about secrets."""

from collections.abc import Callable

import httpx
import pytest

from gitops_rollout.forges.http import Client, Refused, Unknown
from gitops_rollout.model.errors import ForgeError

Answer = Callable[[httpx.Request], httpx.Response]


class Server:
    """Gives prepared answers, one a request; the last one again and again."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.waits: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.method)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self) -> Client:
        headers = {"Authorization": "token planted-secret"}
        return Client("https://x.example/api", headers, httpx.MockTransport(self), self.waits.append)


OK = httpx.Response(200, json={"fine": True})


def test_a_limit_is_waited_out_as_asked_for_any_request() -> None:
    server = Server(httpx.Response(429, headers={"Retry-After": "7"}), OK)
    assert server.client().write("POST", "/things", {}) == {"fine": True}
    assert (server.asked, server.waits) == (["POST", "POST"], [7.0])


def test_a_secondary_limit_of_github_is_one() -> None:
    limited = httpx.Response(403, headers={"Retry-After": "3"}, json={"message": "secondary rate limit"})
    server = Server(limited, OK)
    assert server.client().get("/things") == {"fine": True}
    assert server.waits == [3.0]


def test_a_budget_that_is_spent_is_waited_for_by_the_server_s_clock() -> None:
    spent = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1767225630", "date": "Thu, 01 Jan 2026 00:00:00 GMT"}
    server = Server(httpx.Response(403, headers=spent, json={"message": "API rate limit exceeded"}), OK)
    assert server.client().write("POST", "/things", {}) == {"fine": True}
    assert server.waits == [30.0]


def test_a_server_that_repeats_the_token_is_not_quoted() -> None:
    server = Server(httpx.Response(401, json={"message": "bad credentials: planted-secret"}))
    with pytest.raises(Refused) as caught:
        server.client().get("/things")
    assert "planted-secret" not in caught.value.message
    assert "token" in (caught.value.hint or "")


def test_a_wait_that_is_too_long_is_said_instead() -> None:
    server = Server(httpx.Response(429, headers={"Retry-After": "3600"}))
    with pytest.raises(Refused) as caught:
        server.client().get("/things")
    assert server.waits == []
    assert "3600 s" in (caught.value.hint or "")


@pytest.mark.parametrize("fault", [httpx.Response(502), httpx.ReadTimeout("slow"), httpx.ReadError("cut")])
def test_reading_is_repeated(fault: httpx.Response | Exception) -> None:
    server = Server(fault, fault, OK)
    assert server.client().get("/things") == {"fine": True}
    assert len(server.asked) == 3


@pytest.mark.parametrize("fault", [httpx.Response(504), httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("cut")])
def test_a_create_without_an_answer_is_unknown_and_not_repeated(fault: httpx.Response | Exception) -> None:
    server = Server(fault)
    with pytest.raises(Unknown):
        server.client().write("POST", "/things", {})
    assert server.asked == ["POST"]


def test_a_create_that_was_never_sent_is_repeated() -> None:
    server = Server(httpx.ConnectError("refused"), OK)
    assert server.client().write("POST", "/things", {}) == {"fine": True}


def test_a_server_that_stays_down_ends_in_one_error() -> None:
    server = Server(httpx.Response(503))
    with pytest.raises(Unknown, match="503"):
        server.client().get("/things")
    assert len(server.asked) == 5


def test_no_secret_and_no_whole_document_in_a_message() -> None:
    long = {"message": "no " * 1000}
    for answer in (httpx.Response(403, json=long), httpx.Response(422, text="<html>" * 900), httpx.ReadError("cut")):
        with pytest.raises(ForgeError) as caught:
            Server(answer).client().write("POST", "/things", {"password": "planted-secret"})
        assert "planted-secret" not in f"{caught.value.message}{caught.value.hint}{caught.value!r}"
        assert len(caught.value.message) < 500


def test_an_answer_that_is_no_json_is_no_crash() -> None:
    with pytest.raises(Unknown):
        Server(httpx.Response(200, text="<html>a login page</html>")).client().get("/things")


def test_what_is_not_there_is_none() -> None:
    assert Server(httpx.Response(404, json={"message": "Not Found"})).client().get("/things") is None


def test_pages_end_with_the_one_that_is_not_full() -> None:
    server = Server(httpx.Response(200, json=[1, 2]), httpx.Response(200, json=[3]))
    assert list(server.client().pages("/things", 2)) == [1, 2, 3]
    assert len(server.asked) == 2
