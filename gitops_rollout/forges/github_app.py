"""A GitHub App's token for one repository: PyGithub makes the signed claim and trades it for a token of an hour."""

from collections.abc import Mapping

from gitops_rollout.forges.github import api_url
from gitops_rollout.forges.location import Location
from gitops_rollout.model.errors import ForgeError

APP = "GITOPS_ROLLOUT_GITHUB_APP_ID"
KEY = "GITOPS_ROLLOUT_GITHUB_APP_PRIVATE_KEY"
INSTALLATION = "GITOPS_ROLLOUT_GITHUB_APP_INSTALLATION_ID"


def app_token(where: Location, environment: Mapping[str, str], api: str | None = None) -> str | None:
    """The token of the app that the environment names, None where it names none.

    The key is PEM text. Without an installation id the repository's own installation is asked for. `api` is for tests.
    `ForgeError` where the app, its key or its installation is wrong.
    """
    app, key = environment.get(APP, "").strip(), environment.get(KEY, "").strip()
    if not app and not key:
        return None
    if not app or not key:
        raise ForgeError(f"{APP if key else KEY} is not set", "A GitHub App needs both its id and its private key.")
    from github import Auth, GithubException, GithubIntegration
    from jwt import PyJWTError

    try:
        integration = GithubIntegration(auth=Auth.AppAuth(app, key), base_url=api or api_url(where.url), timeout=30)
        number = environment.get(INSTALLATION, "").strip()
        if not number:
            number = str(integration.get_repo_installation(where.owner, where.repository).id)
        return integration.get_access_token(int(number)).token
    except GithubException as error:
        said = error.data.get("message", "") if isinstance(error.data, dict) else ""
        raise ForgeError(f"GitHub gave the app no token: {error.status} {str(said)[:200]}", _HINT) from None
    except (PyJWTError, ValueError, TypeError, OSError) as error:  # no key, no number, or no answer
        raise ForgeError(f"GitHub gave the app no token ({type(error).__name__})", _HINT) from None


_HINT = f"Check {APP}, {KEY} and {INSTALLATION}, and that the app is installed on the repository."
