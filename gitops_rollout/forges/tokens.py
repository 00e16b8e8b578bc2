"""The credentials of forges' APIs: read from the environment, apart from what git uses, and sent to no other host."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from gitops_rollout.forges.location import Location
from gitops_rollout.model.errors import ForgeError

OWN = "GITOPS_ROLLOUT_FORGE_TOKEN"
# docs.gitlab.com/ci/jobs/ci_job_token lists what it opens: merge requests are not among it.
_JOB_TOKEN = "the token of a GitLab job (CI_JOB_TOKEN) may not open merge requests"
_PROJECT_TOKEN = (
    "Make a project or group access token with the role Developer and the scopes `api` and `write_repository`, and set"
    f" it as the masked variable GITLAB_TOKEN or {OWN}."
)


def token(where: Location, environment: Mapping[str, str]) -> str:
    """The first token that the environment holds for a forge; `ForgeError` naming the variables otherwise."""
    names = [OWN, *_names(where, environment)]
    for name in names:
        if value := environment.get(name, "").strip():
            if where.kind == "gitlab" and value == environment.get("CI_JOB_TOKEN", "").strip():
                raise ForgeError(_JOB_TOKEN, _PROJECT_TOKEN)
            return value
    if where.kind == "gitlab" and environment.get("CI_JOB_TOKEN"):
        raise ForgeError(_JOB_TOKEN, _PROJECT_TOKEN)
    raise ForgeError(f"no token for {where.kind} at {where.url}", f"Set one of {', '.join(names)}.")


def _names(where: Location, environment: Mapping[str, str]) -> list[str]:
    """The customary variables; a CI's own token counts for the forge that runs it and for no other."""
    host = urlsplit(where.url).hostname
    ours = host is not None and urlsplit(environment.get("GITHUB_SERVER_URL", "")).hostname == host
    if where.kind == "github":
        if host == "github.com":
            return ["GH_TOKEN", "GITHUB_TOKEN"]
        return ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", *(["GITHUB_TOKEN"] if ours else [])]
    if where.kind == "gitlab":
        return ["GITLAB_TOKEN"]
    return ["GITEA_TOKEN", "FORGEJO_TOKEN", *(["GITHUB_TOKEN"] if ours else [])]
