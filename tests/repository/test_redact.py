"""Nothing that is shown holds a credential."""

import pytest

from gitops_rollout.repository.redact import Address, redact


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://host/a.git", Address("https://host/a.git")),
        ("https://u:p@host:8443/a", Address("https://host:8443/a", "u", "p")),
        ("https://u:p%40%2F@host/a", Address("https://host/a", "u", "p@/")),
        ("https://u:p@ss@host/a", Address("https://host/a", "u", "p@ss")),
        ("https://token@host/a", Address("https://host/a", "token")),
        ("https://:token@host/a", Address("https://host/a", None, "token")),
        ("https://u:@host/a", Address("https://host/a", "u")),
        ("ssh://git:p@host/a", Address("ssh://git@host/a")),
        ("git@host:a/b.git", Address("git@host:a/b.git")),
        ("/a path/b@c.git", Address("/a path/b@c.git")),
        ("file:///a@b/c", Address("file:///a@b/c")),
    ],
)
def test_addresses_are_taken_apart(text: str, address: Address) -> None:
    assert Address.parse(text) == address
    assert "p@ss" not in repr(Address.parse(text))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("fatal: unable to access 'https://u:s3cret@host/a/'", "fatal: unable to access 'https://host/a/'"),
        ("Authorization: Basic czNjcmV0", "Authorization: ***"),
        ("> authorization: Bearer s3cret\nnext", "> authorization: ***\nnext"),
        ("PRIVATE-TOKEN: s3cret", "PRIVATE-TOKEN: ***"),
        ("it said s3cret twice: s3cret", "it said *** twice: ***"),
        ("mail ann@example.com about http://host/a@b", "mail ann@example.com about http://host/a@b"),
    ],
)
def test_texts_are_redacted(text: str, shown: str) -> None:
    assert redact(text, "s3cret", None, "") == shown
