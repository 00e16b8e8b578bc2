"""The policy file as pydantic models: the keys, what each may hold, and what it is for."""

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from gitops_rollout.config.durations import ALLOWED, PATTERN, parse_duration
from gitops_rollout.config.windows import parse_window
from gitops_rollout.model.commits import SignatureFormat, Via
from gitops_rollout.model.policy import Merge, Mode, Window

CLUSTER_NAME = r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"


def _duration(value: Any) -> timedelta:
    if not isinstance(value, str):
        raise ValueError(f"must be {ALLOWED}")  # noqa: TRY004 - pydantic turns only ValueError into a finding
    return parse_duration(value)


def _repository_path(value: str) -> str:
    if value.startswith("/") or ".." in value.split("/"):
        raise ValueError("must be a path inside the repository, without a leading / and without ..")
    return value


def _one_line(value: str) -> str:
    if not value.isprintable() or set(value) & set("<>"):
        raise ValueError("must be one line without < and >")
    return value


def _http_url(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    if "@" in value.split("/")[2]:
        raise ValueError("must hold no user name and no password: this file is public to all who read the repository")
    return value


Text = Annotated[str, Field(min_length=1)]
Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line)]
Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": PATTERN, "examples": ["30m", "1h", "1h30m"]}),
]
Percent = Annotated[int, Field(ge=1, le=99)]
Count = Annotated[int, Field(ge=0)]
PathPattern = Annotated[Text, AfterValidator(_repository_path)]
HttpUrl = Annotated[Text, AfterValidator(_http_url), WithJsonSchema({"type": "string", "pattern": "^https?://"})]
NamespaceName = Annotated[str, Field(pattern=CLUSTER_NAME)]
LabelName = Annotated[str, Field(pattern=r"^([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$")]
LabelValue = Annotated[str, Field(pattern=r"^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$")]
ModeName = Annotated[Mode, Field(strict=False)]
FormatName = Annotated[SignatureFormat, Field(strict=False)]
MergeName = Annotated[Merge, Field(strict=False)]
ViaName = Annotated[Via, Field(strict=False)]


class Section(BaseModel):
    """Any mapping in the file: kebab-case keys, none unknown, an empty value is an absent one."""

    model_config = ConfigDict(
        alias_generator=lambda name: name.replace("_", "-"),
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, value: Any) -> Any:
        return {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else value


class ClusterSection(Section):
    """One cluster, and what in the repository goes to it."""

    name: Annotated[str, Field(pattern=CLUSTER_NAME, description="The name it has in reports and branches.")]
    paths: list[PathPattern] = Field(default=[], description="Patterns of the files that go there; ** crosses folders.")
    context: Text | None = Field(default=None, description="The kubeconfig context.")
    namespace: Text | None = Field(default=None, description="The namespace of manifests that state none.")
    destinations: list[Text] = Field(default=[], description="What Argo CD and Flux call this cluster.")
    namespaces: list[NamespaceName] = Field(default=[], description="Read only these: a Role in each is enough.")
    labels: dict[LabelName, LabelValue] = Field(
        default={}, description="Read only InferenceServices with all of these."
    )
    timeout: Duration = Field(default=timedelta(minutes=1), description="How long a reading of it may take.")

    @field_validator("timeout")
    @classmethod
    def _some_time(cls, timeout: timedelta) -> timedelta:
        if timeout < timedelta(seconds=1):
            raise ValueError("must be at least 1s")
        return timeout


class ForgeSection(Section):
    """Where pull requests live; what is left out is read from the remote's URL."""

    kind: Literal["local", "github", "gitlab", "gitea"] | None = None
    url: HttpUrl | None = Field(default=None, description="The API's address, where it is not the forge's usual one.")
    owner: Text | None = None
    repository: Text | None = None
    comment: bool = Field(default=True, description="Keep one comment with the evidence on each pull request.")
    status: bool = Field(default=True, description="Give the heads of pull requests the status gitops-rollout/ready.")


class PullSection(Section):
    """How pull requests of one kind are treated."""

    merge: MergeName = Field(
        default=Merge.MANUAL,
        description="manual: people; auto: we do, with the expected head; queue: the forge's own queue or auto-merge.",
    )
    labels: list[Text] = []
    reviewers: list[Text] = []
    assignees: list[Text] = []
    draft: bool = False
    budget: Duration | None = Field(default=None, description="How long it may take to be live.")


class PrometheusSection(Section):
    """A query to Prometheus. `{{ revision }}`, `{{ namespace }}` and `{{ name }}` are filled in."""

    url: HttpUrl
    query: Text
    samples: Text | None = Field(default=None, description="A query that counts the samples behind the value.")


class FailSection(Section):
    """Where a measurement fails, in its own unit."""

    above: float | int | None = None
    below: float | int | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if self.above is None and self.below is None:
            raise ValueError("must say above, below or both")
        return self


class AnalysisSection(Section):
    """One check of the canary: a provider, and where its measurement fails."""

    name: Text
    prometheus: PrometheusSection
    fail: FailSection
    min_samples: Count = Field(default=0, description="With fewer samples the verdict is inconclusive.")
    failure_limit: Count = Field(default=0, description="How many failing measurements are tolerated.")


class WindowSection(Section):
    """When forward changes may be made (`allow`) or may not (`deny`, which wins)."""

    allow: Text | None = None
    deny: Text | None = None
    timezone: Text = Field(default="UTC", description="An IANA time zone.")

    @model_validator(mode="after")
    def _readable(self) -> Self:
        if (self.allow is None) == (self.deny is None):
            raise ValueError("must say either allow or deny")
        self.window()
        return self

    def window(self) -> Window:
        """The window as a value."""
        return parse_window(self.allow or self.deny or "", allow=self.allow is not None, timezone=self.timezone)


class SettingsSection(Section):
    """What applies to targets where no rule says otherwise."""

    steps: Annotated[list[Percent], Field(min_length=1)] = Field(default=[10, 25, 50], description="Percents, rising.")
    soak: Duration = Field(default=timedelta(minutes=30), description="How long a step is watched before the next.")
    deadline: Duration = Field(default=timedelta(hours=1), description="A canary not ready by then is rolled back.")
    bake: Duration = Field(default=timedelta(hours=1), description="How long a promotion can still be rolled back.")
    promote: PullSection = Field(default=PullSection(), description="Pull requests that go forward.")
    rollback: PullSection = Field(default=PullSection(), description="Pull requests that go back.")
    analysis: list[AnalysisSection] = Field(default=[], description="Checks of the canary.")
    max_canary_age: Duration | None = Field(default=None, description="A canary that stands longer is an alarm.")
    ignore_differences: list[Text] = Field(default=[], description="Paths that may differ from Git.")

    @field_validator("steps")
    @classmethod
    def _ascending(cls, steps: list[int]) -> list[int]:
        if steps != sorted(set(steps)):
            raise ValueError("must rise from step to step")
        return steps

    @field_validator("analysis")
    @classmethod
    def _named_once(cls, checks: list[AnalysisSection]) -> list[AnalysisSection]:
        if len({check.name for check in checks}) != len(checks):
            raise ValueError("must give each check a name of its own")
        return checks


class MatchSection(Section):
    """Which targets a rule is for; patterns with *."""

    cluster: Text | None = None
    namespace: Text | None = None
    name: Text | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.cluster or self.namespace or self.name):
            raise ValueError("must say cluster, namespace or name")
        return self


class RuleSection(SettingsSection):
    """Settings for some targets, only those that change. Rules are laid over each other from top to bottom."""

    match: MatchSection
    mode: ModeName = Field(default=Mode.OBSERVE, description="Enrols these targets, or only observes them.")
    suspend: bool = Field(default=False, description="Stops at once: nothing is proposed for these targets.")
    windows: list[WindowSection] = Field(default=[], description="When forward changes of these targets may be made.")


class LimitsSection(Section):
    """Caps."""

    open: Count = Field(default=20, description="Open pull requests at most; rollbacks are exempt and come first.")
    per_rule: Count | None = Field(default=None, description="Open pull requests at most for the targets of one rule.")
    max_age: Duration = Field(default=timedelta(minutes=15), description="A live view older than this only holds.")
    file_size: Count = Field(default=5_000_000, description="Larger files are skipped (bytes).")


class PersonSection(Section):
    """Who commits."""

    name: Line
    email: Line


class SigningSection(Section):
    """How commits are signed, by a key that git finds where the program runs."""

    key: Line = Field(description="A key id or fingerprint for openpgp, the path of a key for ssh.")
    format: FormatName = SignatureFormat.OPENPGP


class CommitsSection(Section):
    """The commits that are made."""

    author: PersonSection | None = Field(default=None, description="Default: gitops-rollout itself.")
    signing: SigningSection | None = Field(default=None, description="Default: commits are not signed.")
    sign_off: bool = Field(default=False, description="Adds a Signed-off-by trailer.")
    via: ViaName = Field(
        default=Via.GIT,
        description="git: commits are made here; api: by the forge, which signs them as its own.",
    )

    @model_validator(mode="after")
    def _one_signer(self) -> Self:
        if self.via is Via.API and self.signing is not None:
            raise ValueError("must not say signing beside `via: api`: the forge signs what it commits with its own key")
        return self


class PolicyFile(Section):
    """The policy of gitops-rollout: what may be proposed, for which InferenceServices, and how."""

    version: Literal[1] = 1
    mode: ModeName = Field(default=Mode.OBSERVE, description="observe only reports; propose opens pull requests.")
    suspend: bool = Field(default=False, description="Stops at once: nothing is proposed for any target.")
    clusters: list[ClusterSection] = Field(default=[], description="Clusters, and the files of each.")
    forge: ForgeSection = ForgeSection()
    defaults: SettingsSection = SettingsSection()
    rules: list[RuleSection] = []
    limits: LimitsSection = LimitsSection()
    commits: CommitsSection = CommitsSection()
    windows: list[WindowSection] = Field(default=[], description="When forward changes may be made.")
    ignore: list[PathPattern] = Field(default=[], description="Patterns of files that are never read.")

    @field_validator("clusters")
    @classmethod
    def _distinct(cls, clusters: list[ClusterSection]) -> list[ClusterSection]:
        names = [cluster.name for cluster in clusters]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"must name each cluster once; twice: {', '.join(twice)}")
        return clusters
