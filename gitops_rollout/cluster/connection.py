"""One API server, reached as the kubeconfig or the pod's service account says: pages in, typed failures out."""

import logging
import os
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import urllib3
from kubernetes import client, config
from kubernetes.config.kube_config import KubeConfigMerger

from gitops_rollout.model.errors import SourceError, TextError
from gitops_rollout.text.plain import load_documents

CHUNK = 1 << 20
CUT = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionResetError)  # urllib3 calls the first two SSL errors

# its warnings before each retry would name addresses of proxies; what comes of the retries is said once, by us
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)

RETRIES = urllib3.Retry(
    total=3,
    connect=1,
    read=1,
    redirect=2,
    backoff_factor=0.5,
    status_forcelist=(429, 502, 503, 504),
    raise_on_status=False,
    retry_after_max=10,
)


class Refused(Exception):
    """The API server answered with a status that is not 200."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Connection:
    """Reads pages of one cluster's custom objects until a deadline has passed."""

    def __init__(self, configuration: client.Configuration, headers: dict[str, str], seconds: float) -> None:
        configuration.retries = RETRIES
        self._api = client.CustomObjectsApi(client.ApiClient(configuration))
        self._headers = headers
        self._end = time.monotonic() + seconds
        self._seconds = seconds
        self.date: str | None = None

    def page(self, group: str, version: str, plural: str, **options: Any) -> bytes:
        """One page as JSON text. `Refused` on another status, `SourceError` where there is no whole answer in time."""
        left = self._left()
        try:
            response = self._api.list_cluster_custom_object(
                group,
                version,
                plural,
                _preload_content=False,
                _request_timeout=(min(10.0, left), left),
                _headers=self._headers,
                **options,
            )
            # releases of the client differ in whether they wrap what urllib3 gives
            raw: Any = getattr(response, "response", response)
            try:
                if raw.status != 200:
                    raise Refused(raw.status)
                self.date = self.date or raw.headers.get("Date")
                return b"".join(self._chunks(raw))
            finally:
                raw.release_conn()
        except client.ApiException as error:
            if error.status:
                raise Refused(error.status) from error
            raise SourceError(f"did not answer: {_cause(error.__context__ or error)}") from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise SourceError(f"did not answer: {_cause(error)}") from error

    def close(self) -> None:
        """Let the connections go."""
        self._api.api_client.rest_client.pool_manager.clear()

    def _chunks(self, raw: urllib3.HTTPResponse) -> Iterator[bytes]:
        while chunk := raw.read1(CHUNK):  # what has arrived: a server that drips must not hold the deadline up
            self._left()
            yield chunk

    def _left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise SourceError(f"did not answer in {self._seconds:.0f} seconds")
        return left


def connect(context: str | None, seconds: float) -> Connection:
    """A connection by kubeconfig context; None is the pod's service account, else the current context.

    The kubeconfig is read (with its credential plugins and `as` impersonation) and never written.
    """
    settings = client.Configuration()
    try:
        if context is None and "KUBERNETES_SERVICE_HOST" in os.environ:
            config.load_incluster_config(client_configuration=settings)
            return Connection(settings, {}, seconds)
        _check_text()
        user = _user(context)
        config.load_kube_config(_kubeconfig(), context, client_configuration=settings, persist_config=False)
    except config.ConfigException as error:
        raise SourceError(f"no way to reach it: {_one_line(error)}", _known_contexts()) from error
    except (TextError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError("the kubeconfig cannot be read", "check it with: kubectl config view") from error
    if "exec" in user and not settings.api_key and not settings.cert_file:
        command = user["exec"].get("command") if isinstance(user["exec"], dict) else None
        raise SourceError(f"its credential plugin {command} gave no credentials", "run it by hand, or log in anew")
    return Connection(settings, _impersonation(user), seconds)


def _kubeconfig() -> str:
    return os.environ.get("KUBECONFIG") or "~/.kube/config"


def _check_text() -> None:
    """Refuse what is no YAML before the library reads it: its own complaint may quote the file."""
    for path in _kubeconfig().split(os.pathsep):
        place = Path(path).expanduser()
        if path and place.exists():
            load_documents(place.read_bytes())


def _merged() -> dict[str, Any]:
    merged = KubeConfigMerger(_kubeconfig()).config
    return merged.value if merged is not None else {}


def _entry(kind: str, name: Any) -> dict[str, Any]:
    entries = (getattr(entry, "value", entry) for entry in _merged().get(f"{kind}s") or [])
    return next((entry.get(kind) or {} for entry in entries if entry.get("name") == name), {})


def _user(context: str | None) -> dict[str, Any]:
    """The user of a context, as the kubeconfig states it."""
    return _entry("user", _entry("context", context or _merged().get("current-context")).get("user"))


def _impersonation(user: dict[str, Any]) -> dict[str, str]:
    """Headers for `as`, which the client library passes over; acting with more rights than asked for is no option."""
    headers = {"Impersonate-User": user.get("as"), "Impersonate-Uid": user.get("as-uid")}
    if user.get("as-groups") or user.get("as-user-extra"):
        raise SourceError("impersonation of groups or extra fields is not supported", "impersonate a user only")
    return {name: str(value) for name, value in headers.items() if value}


def _known_contexts() -> str:
    try:
        names = [getattr(entry, "value", entry).get("name") for entry in _merged().get("contexts") or []]
    except (config.ConfigException, OSError, ValueError, AttributeError):
        names = []
    return f"contexts in the kubeconfig: {', '.join(map(str, names)) or 'none'}"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _cause(error: BaseException) -> str:
    """What went wrong, in words of our own: a library's text may hold addresses and credentials of proxies."""
    reason = getattr(error, "reason", None)
    inner = reason if isinstance(reason, BaseException) else error
    if any(isinstance(each, CUT) for each in (inner, *inner.args)):
        return "the connection was cut"
    for kind, words in (
        (urllib3.exceptions.NameResolutionError, "its name is not known"),
        (urllib3.exceptions.NewConnectionError, "the connection was refused"),
        (urllib3.exceptions.ConnectTimeoutError, "no connection in time"),
        (urllib3.exceptions.ReadTimeoutError, "no answer in time"),
        (urllib3.exceptions.SSLError, "its certificate is not trusted, or it speaks no TLS"),
        (urllib3.exceptions.ProxyError, "the proxy refused"),
        (urllib3.exceptions.ProtocolError, "the connection was cut"),
    ):
        if isinstance(inner, kind):
            return words
    return type(inner).__name__
