"""Credential plugins of a kubeconfig (`users[].user.exec`): run, and ended where they hang.

Kubernetes documents them under "client-go credential plugins"; the client library runs them without an end.
"""

import base64
import json
import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from gitops_rollout.model.errors import SourceError

AGAIN = "run it by hand, or log in anew"


def ask_plugin(stated: Any, cluster: Mapping[str, Any], folder: str | None, seconds: float) -> dict[str, str]:
    """The credentials that a plugin gives, as fields of a kubeconfig's user.

    `stated` is its `exec`, `folder` where relative paths begin. `SourceError` where it fails, gives nothing that can
    be used, gives what has expired, or takes longer than `seconds`. What it prints is never shown.
    """
    command = stated.get("command") if isinstance(stated, dict) else None
    if not isinstance(command, str) or not command:
        raise SourceError("the kubeconfig names a credential plugin without a command", "check: kubectl config view")
    info = {"interactive": False} | ({"cluster": dict(cluster)} if stated.get("provideClusterInfo") else {})
    asked = {"apiVersion": stated.get("apiVersion"), "kind": "ExecCredential", "spec": info}
    extra = {str(item["name"]): str(item["value"]) for item in stated.get("env") or []}
    env = os.environ | extra | {"KUBERNETES_EXEC_INFO": json.dumps(asked)}
    out = _run([command, *map(str, stated.get("args") or [])], env, folder, seconds, stated.get("installHint"))
    try:
        answer = json.loads(out)
        given = answer["status"]
        credentials = _credentials(given)
    except (ValueError, KeyError, TypeError, AttributeError):
        credentials = {}
    if not credentials or answer.get("apiVersion") != stated.get("apiVersion"):
        raise SourceError(f"its credential plugin {command} gave no credentials", AGAIN)
    _check_expiry(command, given.get("expirationTimestamp"))
    return credentials


def _run(command: list[str], env: Mapping[str, str], folder: str | None, seconds: float, hint: Any) -> bytes:
    name = command[0]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=env,
            start_new_session=True,
        )
    except OSError as error:
        where = " ".join(hint.split())[:200] if isinstance(hint, str) else "install it, or add its folder to PATH"
        raise SourceError(f"its credential plugin {name} cannot be run: {error.strerror}", where) from error
    try:
        out, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired as error:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with all that it started
        raise SourceError(f"its credential plugin {name} gave no credentials in {seconds:g} seconds", AGAIN) from error
    finally:
        if process.stdout is not None:
            process.stdout.close()
        process.wait()
    if process.returncode != 0:
        raise SourceError(f"its credential plugin {name} gave no credentials (exit code {process.returncode})", AGAIN)
    return out


def _credentials(given: Mapping[str, Any]) -> dict[str, str]:
    """A token, or a certificate with its key: both may be there, and both then count."""
    found = {}
    if given.get("token"):
        found["token"] = str(given["token"])
    if given.get("clientCertificateData") and given.get("clientKeyData"):
        for field, name in (("client-certificate-data", "clientCertificateData"), ("client-key-data", "clientKeyData")):
            found[field] = base64.b64encode(str(given[name]).encode()).decode()
    return found


def _check_expiry(command: str, stamp: Any) -> None:
    try:
        until = datetime.fromisoformat(stamp)
    except (TypeError, ValueError):
        return
    if until.tzinfo is not None and until <= datetime.now(UTC):
        raise SourceError(f"its credential plugin {command} gave credentials that expired at {stamp}", AGAIN)
