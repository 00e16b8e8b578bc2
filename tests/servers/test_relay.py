"""The relay carries what it is given, and breaks it just as it is told."""

import http.client
import time

import pytest

from tests.servers.http import call
from tests.servers.kube_api import KINDS, KubeApi
from tests.servers.relay import relay

PATH = KINDS["InferenceService"].path(None)


def ask(kube_api: KubeApi, port: int) -> int:
    headers = {"Authorization": f"Bearer {kube_api.token}"}
    return call("GET", f"https://127.0.0.1:{port}{PATH}", headers=headers, context=kube_api.context).status


def test_it_carries_both_ways(kube_api: KubeApi) -> None:
    with relay(kube_api.url) as between:
        assert ask(kube_api, between.port) == 200
        assert between.answered > 500


def test_it_cuts_where_it_is_told(kube_api: KubeApi) -> None:
    with relay(kube_api.url) as between:
        between.cut_after = 10
        with pytest.raises(OSError, match=r"EOF|reset|closed|aborted"):
            ask(kube_api, between.port)


def test_it_is_as_slow_as_it_is_told(kube_api: KubeApi) -> None:
    with relay(kube_api.url) as between:
        between.pause = 0.2
        began = time.monotonic()
        assert ask(kube_api, between.port) == 200
        assert time.monotonic() - began > 0.2


def test_it_speaks_as_a_proxy(kube_api: KubeApi) -> None:
    with relay(kube_api.url, proxy=True) as between:
        through = http.client.HTTPSConnection("127.0.0.1", between.port, context=kube_api.context)
        through.set_tunnel("127.0.0.1", int(kube_api.url.rsplit(":", 1)[1]))
        through.request("GET", PATH, headers={"Authorization": f"Bearer {kube_api.token}"})
        assert through.getresponse().status == 200
        through.close()
        (asked,) = between.asked
        assert asked.startswith(f"CONNECT {kube_api.url.removeprefix('https://')} HTTP/1.")
