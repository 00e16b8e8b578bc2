"""The Prometheus fixture answers queries over the history that it was given."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from tests.servers.http import call
from tests.servers.prometheus import Series

START = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)


def test_a_rate_is_computed_from_a_recorded_counter(prometheus: Callable[[Iterable[Series]], str]) -> None:
    samples = [(START + timedelta(seconds=30 * step), 60.0 * step) for step in range(41)]
    url = prometheus([Series("requests_total", {"revision": 'iris-00002"'}, samples)])
    asked = {"query": "rate(requests_total[5m])", "time": (START + timedelta(minutes=15)).timestamp()}
    (result,) = call("GET", f"{url}/api/v1/query?{urlencode(asked)}").ok()["data"]["result"]
    assert result["metric"] == {"revision": 'iris-00002"'}
    assert float(result["value"][1]) == 2.0
