from datetime import time, timedelta

import pytest

from gitops_rollout.config.load import load_policy
from gitops_rollout.model.commits import CommitSettings, Person, SignatureFormat
from gitops_rollout.model.errors import PolicyError
from gitops_rollout.model.policy import Analysis, ClusterPolicy, Merge, Mode, Policy, PullPolicy, Rule, Settings

EXAMPLE = b"""\
version: 1
mode: propose                    # observe (default) | propose
clusters:
  - {name: prod, context: prod-eu, paths: ["clusters/prod/**"], destinations: [prod-eu]}
forge: {kind: github}
defaults:
  steps: [5, 50]
  soak: 45m
  deadline: 2h
  bake: 1h30m
  promote: {merge: manual, labels: [rollout, promote]}
  rollback: {merge: auto, budget: 30m, labels: [rollout, rollback]}
  analysis:
    - name: error-rate
      prometheus: {url: "http://prometheus:9090", query: 'rate({{ revision }})'}
      fail: {above: 0.01}
      min-samples: 200
rules:
  - match: {namespace: fraud, name: "score-*"}
    steps: [1, 5, 25]
    promote: {merge: auto}
    suspend: true
limits: {open: 7, per-rule: 5, max-age: 20m}
windows:
  - {allow: "Mon-Fri 09:00-16:00", timezone: Europe/Berlin}
  - deny: Sat,Sun
"""


def test_no_file_and_an_empty_file_give_the_defaults() -> None:
    assert load_policy(None, "policy.yaml") == Policy()
    for empty in (b"", b"# nothing yet\n", b"defaults:\nrules:\n", b"version: 1\n"):
        assert load_policy(empty, "policy.yaml") == Policy(path="policy.yaml")
    assert Policy().defaults.mode is Mode.OBSERVE


def test_every_part_of_the_file_becomes_a_value() -> None:
    policy = load_policy(EXAMPLE, "policy.yaml")
    assert policy.clusters == (ClusterPolicy("prod", ("clusters/prod/**",), "prod-eu", None, ("prod-eu",)),)
    assert policy.forge.kind == "github"
    assert (policy.limits.open, policy.limits.per_rule, policy.limits.max_age) == (7, 5, timedelta(minutes=20))
    assert not policy.suspended
    defaults = policy.defaults
    assert (defaults.mode, defaults.steps) == (Mode.PROPOSE, (5, 50))
    assert (defaults.soak, defaults.deadline) == (timedelta(minutes=45), timedelta(hours=2))
    assert defaults.bake == timedelta(minutes=90)
    assert defaults.promote == PullPolicy(labels=("rollout", "promote"))
    assert defaults.rollback == PullPolicy(Merge.AUTO, ("rollout", "rollback"), budget=timedelta(minutes=30))
    options = {"url": "http://prometheus:9090", "query": "rate({{ revision }})"}
    assert defaults.analysis == (Analysis("error-rate", "prometheus", options, fail_above=0.01, min_samples=200),)
    weekdays, weekend = defaults.windows
    assert (weekdays.allow, weekdays.start, weekdays.end) == (True, time(9), time(16))
    assert str(weekdays.timezone) == "Europe/Berlin"
    assert (weekend.allow, weekend.weekdays, weekend.start, weekend.end) == (False, {5, 6}, time(0), time(0))


def test_who_commits_and_how_it_is_signed() -> None:
    text = b"commits: {author: {name: Robot, email: r@example.org}, signing: {key: ~/k, format: ssh}, sign-off: true}"
    settings = load_policy(text, "policy.yaml").commits
    robot = Person("Robot", "r@example.org")
    assert settings == CommitSettings(robot, robot, "~/k", SignatureFormat.SSH, sign_off=True)


def test_a_rule_holds_only_what_it_states() -> None:
    changes = {"steps": (1, 5, 25), "promote": {"merge": Merge.AUTO}, "suspended": True}
    assert load_policy(EXAMPLE, "policy.yaml").rules == (Rule(changes, "*", "fraud", "score-*"),)
    assert set(changes) <= set(Settings.__dataclass_fields__)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("mod: propose", 1, "mod: unknown key; did you mean mode?; allowed here: clusters, commits,"),
        ("\ndefaults:\n  soakk: 1h", 3, "defaults.soakk: unknown key; did you mean soak?"),
        (
            "rules:\n  - match: {nam: x}",
            2,
            "rules[0].match.nam: unknown key; did you mean name?; allowed",
        ),
        ("mode: proppose", 1, "mode: must be observe or propose; did you mean propose?"),
        ("version: 2", 1, "version: must be 1"),
        ("defaults: {promote: {merge: never}}", 1, "defaults.promote.merge: must be manual or auto"),
        ("forge: {kind: githb}", 1, "must be local or github or gitlab or gitea; did you mean github?"),
        ("clusters:\n  - name: Prod", 2, "clusters[0].name: must be lower-case letters, digits and hyphens"),
        ("clusters:\n  - name: a-", 2, "clusters[0].name: must be lower-case"),
        ("clusters:\n  - name: a\n  - name: a", 1, "clusters: must name each cluster once; twice: a"),
        ("clusters:\n  - paths: []", 2, "clusters[0].name: is required"),
        ("clusters:\n  - {name: a, paths: [/x]}", 2, "clusters[0].paths[0]: must be a path inside the repository"),
        ("clusters:\n  - {name: a, context: yes}", 2, "clusters[0].context: must be text: put it in quotes"),
        ("defaults:\n  steps: [5, 100]", 2, "defaults.steps[1]: must be less than or equal to 99"),
        ("defaults:\n  steps: [50, 10]", 2, "defaults.steps: must rise from step to step"),
        ("defaults:\n  steps: []", 2, "defaults.steps: must have at least 1 item"),
        ("defaults:\n  steps: [yes]", 2, "defaults.steps[0]: must be a whole number"),
        ("defaults: {soak: 30}", 1, "defaults.soak: must be a duration such as"),
        ("defaults: {soak: 1w}", 1, "defaults.soak: must be a duration such as"),
        ("defaults: {soak: 99999999999d}", 1, "defaults.soak: is longer than"),
        ("rules:\n  - steps: [1]", 2, "rules[0].match: is required"),
        ("rules:\n  - match: {}", 2, "rules[0].match: must say cluster, namespace or name"),
        ("rules: {}", 1, "rules: must be a list"),
        ("limits: [1]", 1, "limits: must be a mapping with keys out of: file-size, max-age, open, per-rule"),
        ("limits: {open: -1}", 1, "limits.open: must be greater than or equal to 0"),
        ("suspend: 1", 1, "suspend: must be true or false"),
        ("windows: [{allow: 09:00-25:00}]", 1, "windows[0]: must be weekdays, times or both"),
        ("windows: [{deny: Fry}]", 1, "weekdays are Mon, Tue, Wed, Thu, Fri, Sat, Sun"),
        ("windows: [{allow: Mon, deny: Tue}]", 1, "windows[0]: must say either allow or deny"),
        ("windows: [{allow: Mon, timezone: Europe/Berln}]", 1, "did you mean Europe/Berlin?"),
        ("windows: [{allow: Mon, timezone: ../../etc/passwd}]", 1, "must be an IANA time zone"),
        ("defaults: {analysis: [{name: a, fail: {above: 1}}]}", 1, "defaults.analysis[0].prometheus: is required"),
        (
            "defaults: {analysis: [{name: a, prometheus: {url: 'ftp://x', query: q}, fail: {above: 1}}]}",
            1,
            "url: must begin with http:// or https://",
        ),
        ("commits: {author: {name: x}}", 1, "commits.author.email: is required"),
        ('commits: {author: {name: "a\\nb", email: x}}', 1, "commits.author.name: must be one line"),
        ("commits: {signing: {key: x, format: pgp}}", 1, "commits.signing.format: must be openpgp or ssh"),
        ("- 1", 1, "the file: must be a mapping with keys out of"),
        ("a: 1\n---\nb: 1", 2, "a second document"),
    ],
)
def test_a_problem_names_file_line_key_and_what_is_allowed(text: str, line: int, says: str) -> None:
    with pytest.raises(PolicyError) as refused:
        load_policy(text.encode(), "policy.yaml")
    assert refused.value.message.startswith(f"policy.yaml:{line}: ")
    assert says in refused.value.message
    assert "\n" not in refused.value.message


@pytest.mark.parametrize(
    ("text", "says"), [(b"a: [", "line 2"), (b"a: 1\na: 2", "line 2: the key 'a' stands twice"), (b"\xff", "not YAML")]
)
def test_a_file_that_does_not_parse_says_where(text: bytes, says: str) -> None:
    with pytest.raises(PolicyError, match=f"policy.yaml: {says}"):
        load_policy(text, "policy.yaml")


def test_all_problems_are_said_at_once_in_the_order_of_the_file() -> None:
    with pytest.raises(PolicyError, match=r"policy\.yaml: 3 problems") as refused:
        load_policy(b"mod: x\nlimits: {opn: 1}\ndefaults: {soak: x}\n", "policy.yaml")
    assert [detail.split(" ")[0] for detail in refused.value.details] == [
        "policy.yaml:1:",
        "policy.yaml:2:",
        "policy.yaml:3:",
    ]


def test_a_password_is_refused_and_not_repeated() -> None:
    with pytest.raises(PolicyError, match="no user name and no password") as refused:
        load_policy(b"forge: {url: 'https://me:hunter2@git.example.com/'}", "policy.yaml")
    assert "hunter2" not in refused.value.message
