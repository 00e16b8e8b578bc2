"""A GitHub App's tokens for one repository: PyGithub makes the signed claim and trades it for a token of an hour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gitops_rollout.core.trust import authorities
from gitops_rollout.forges.github.forge import api_url
from gitops_rollout.forges.location import Location
from gitops_rollout.model.errors import ForgeError

APP = "GITOPS_ROLLOUT_GITHUB_APP_ID"
KEY = "GITOPS_ROLLOUT_GITHUB_APP_PRIVATE_KEY"
INSTALLATION = "GITOPS_ROLLOUT_GITHUB_APP_INSTALLATION_ID"
# A token this close to its end is traded for another: a request may be retried for some minutes.
MARGIN = timedelta(minutes=10)


@dataclass
class AppTokens:
    """The tokens of one installation, asked for when they are needed, and anew before they end."""

    app: str
    key: str = field(repr=False)
    installation: str
    where: Location
    api: str
    verify: str | bool = True
    _token: str = field(default="", repr=False)
    _ends: datetime | None = None

    def token(self) -> str:
        """One that is good for some minutes more; `ForgeError` where app, key or installation is wrong."""
        if self._ends is None or datetime.now(UTC) > self._ends - MARGIN:
            self._token, self._ends = self._trade()
        return self._token

    def _trade(self) -> tuple[str, datetime]:
        from github import Auth, GithubException, GithubIntegration
        from jwt import PyJWTError

        try:
            claim = Auth.AppAuth(self.app, self.key)
            integration = GithubIntegration(auth=claim, base_url=self.api, timeout=30, verify=self.verify)
            number = self.installation
            if not number:
                number = str(integration.get_repo_installation(self.where.owner, self.where.repository).id)
            given = integration.get_access_token(int(number))
        except GithubException as error:
            said = error.data.get("message", "") if isinstance(error.data, dict) else ""
            raise ForgeError(f"GitHub gave the app no token: {error.status} {str(said)[:200]}", _HINT) from None
        except (PyJWTError, ValueError, TypeError, OSError) as error:  # no key, no number, or no answer
            raise ForgeError(f"GitHub gave the app no token ({type(error).__name__})", _HINT) from None
        return given.token, given.expires_at


def app_tokens(where: Location, environment: Mapping[str, str], api: str | None = None) -> AppTokens | None:
    """The tokens of the app that the environment names, None where it names none.

    The key is PEM text. Without an installation id the repository's own installation is asked for. `api` is for tests.
    `ForgeError` where only half of it is there; what is wrong with it is found out by the first request.
    """
    app, key = environment.get(APP, "").strip(), environment.get(KEY, "").strip()
    if not app and not key:
        return None
    if not app or not key:
        raise ForgeError(f"{APP if key else KEY} is not set", "A GitHub App needs both its id and its private key.")
    named = authorities(environment)
    verify = named.path if named is not None else True
    return AppTokens(app, key, environment.get(INSTALLATION, "").strip(), where, api or api_url(where.url), verify)


_HINT = f"Check {APP}, {KEY} and {INSTALLATION}, and that the app is installed on the repository."
