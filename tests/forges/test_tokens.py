"""Which token is taken, and what is said of those that cannot do the work."""

import pytest

from gitops_rollout.forges.location import Location
from gitops_rollout.forges.tokens import OWN, token
from gitops_rollout.model.errors import ForgeError

GITLAB = Location("gitlab", "https://gitlab.com", "acme", "models")


@pytest.mark.parametrize("environment", [{"CI_JOB_TOKEN": "planted-1"}, {"CI_JOB_TOKEN": "x", "GITLAB_TOKEN": "x"}])
def test_a_job_s_token_is_refused_with_what_to_use_instead(environment: dict[str, str]) -> None:
    with pytest.raises(ForgeError) as caught:
        token(GITLAB, environment)
    assert "may not open merge requests" in caught.value.message
    assert "project or group access token" in (caught.value.hint or "")
    assert "planted" not in f"{caught.value.message}{caught.value.hint}"


def test_a_project_s_token_beside_a_job_s_is_taken() -> None:
    assert token(GITLAB, {"CI_JOB_TOKEN": "job", "GITLAB_TOKEN": "glpat"}) == "glpat"
    assert token(GITLAB, {"CI_JOB_TOKEN": "job", OWN: "own"}) == "own"
