from gitops_rollout.core.settings import settings_for
from gitops_rollout.model.policy import Merge, Mode, Policy, PullPolicy, Rule, Settings
from gitops_rollout.model.targets import TargetKey

KEY = TargetKey("prod", "fraud", "score-eu")


def test_without_rules_the_defaults_apply() -> None:
    defaults = Settings(steps=(5,))
    assert settings_for(Policy(defaults=defaults), KEY) == defaults


def test_a_later_rule_wins_and_lists_replace_lists() -> None:
    rules = (
        Rule({"steps": (1, 5), "mode": Mode.PROPOSE}, namespace="fraud"),
        Rule({"steps": (2,)}, name="score-*"),
        Rule({"steps": (99,)}, cluster="staging"),
    )
    found = settings_for(Policy(rules=rules), KEY)
    assert (found.steps, found.mode, found.rule) == ((2,), Mode.PROPOSE, 1)


def test_every_part_of_a_match_has_to_fit() -> None:
    for rule in (
        Rule({"steps": (1,)}, cluster="p"),
        Rule({"steps": (1,)}, namespace="FRAUD"),
        Rule({"steps": (1,)}, name="score"),
    ):
        assert settings_for(Policy(rules=(rule,)), KEY) == Settings()
    assert settings_for(Policy(rules=(Rule({"steps": (1,)}, "p*", "f????", "*-eu"),)), KEY).steps == (1,)


def test_suspending_the_file_suspends_every_target() -> None:
    lifted = Rule({"suspended": False})
    assert settings_for(Policy(suspended=True, rules=(lifted,)), KEY).suspended
    assert settings_for(Policy(rules=(Rule({"suspended": True}),)), KEY).suspended
    assert not settings_for(Policy(rules=(Rule({"suspended": True}), lifted)), KEY).suspended


def test_words_that_are_no_settings_change_nothing() -> None:
    assert settings_for(Policy(rules=(Rule({"colour": "red", "steps": (3,)}),)), KEY).steps == (3,)


def test_a_rule_changes_only_the_fields_of_a_pull_policy_that_it_states() -> None:
    defaults = Settings(promote=PullPolicy(labels=("rollout",), draft=True))
    rule = Rule({"promote": {"merge": Merge.AUTO}})
    found = settings_for(Policy(defaults=defaults, rules=(rule,)), KEY)
    assert found.promote == PullPolicy(merge=Merge.AUTO, labels=("rollout",), draft=True)
    assert found.rollback == PullPolicy()
    whole = Rule({"rollback": PullPolicy(merge=Merge.AUTO)})
    assert settings_for(Policy(rules=(whole,)), KEY).rollback.merge is Merge.AUTO
