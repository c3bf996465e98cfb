"""The address of a mailbox, in which a password stands."""

import pytest

from support.mail_in.mailbox import Mailbox, mailbox_of


@pytest.mark.parametrize(
    ("url", "mailbox"),
    [
        ("imaps://desk:secret@mail.example.cz", ("imaps", "mail.example.cz", 993, "desk", "secret", "INBOX", "")),
        (
            "imap+starttls://desk%40example.cz:p%40ss%2F%3A%25%C5%BE@mail.example.cz:1143/Podpora/Nov%C3%A9?done=Hotov%C3%A9",
            ("imap+starttls", "mail.example.cz", 1143, "desk@example.cz", "p@ss/:%ž", "Podpora/Nové", "Hotové"),
        ),
        ("imap://desk:secret@[::1]:143/", ("imap", "::1", 143, "desk", "secret", "INBOX", "")),
    ],
)
def test_an_address_is_read_with_all_that_may_stand_in_it(url: str, mailbox: tuple[str, ...]) -> None:
    assert mailbox_of(url) == Mailbox(*mailbox)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url",
    [
        "imaps://desk:geh/eim@mail.example.cz",
        "imaps://desk:geh#eim@mail.example.cz",
        "imaps://desk:geheim@mail.example.cz:port",
        "imaps://desk:geheim@",
        "imaps://:geheim@mail.example.cz",
        "imaps://desk@mail.example.cz",
        "pop3://desk:geheim@mail.example.cz",
        "imaps://desk:geheim@mail.example.cz/?dome=Archive",
        "imaps://desk:geheim@mail.example.cz/?done=",
        "imaps://desk:geheim@[mail",
    ],
)
def test_a_wrong_address_is_refused_without_a_word_of_it(url: str) -> None:
    with pytest.raises(ValueError, match="imaps://user:password@host") as refused:
        mailbox_of(url)
    assert "geh" not in str(refused.value)
    assert refused.value.__context__ is None


def test_the_password_is_not_shown_by_mistake() -> None:
    assert "geheim" not in repr(mailbox_of("imaps://desk:geheim@mail.example.cz"))
