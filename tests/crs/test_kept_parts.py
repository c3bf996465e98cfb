"""Parts of pages that are drawn once: `{% kept %}`."""

import re

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import Client
from django.utils.translation import override

from crs.templatetags import crs as tags

# What belongs to one request or one person.
OF_A_REQUEST = re.compile(
    r"\b(csrf_token|form_key|request|session|messages|form|person|user|banners_\w+|offered_languages)\b"
)
KEPT = re.compile(r"{% kept .*?%}(.*?){% endkept %}", re.DOTALL)
TAG = re.compile(r"{[{%].*?[%}]}")
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


def drawn(template: Template, **values: object) -> str:
    return template.render(Context(values))


def test_a_part_is_drawn_once_for_each_language_and_value() -> None:
    template = Template("{% load crs i18n %}{% kept step %}{{ step }}{{ count }}{% translate 'Yes' %}{% endkept %}")
    with override("en"):
        assert drawn(template, step=1, count="a") == "1aYes"
        assert drawn(template, step=1, count="b") == "1aYes"
        assert drawn(template, step=2, count="b") == "2bYes"
    with override("cs"):
        assert drawn(template, step=1, count="c") == "1cAno"
    with override("en"):
        assert drawn(template, step=1, count="d") == "1aYes"


def test_no_more_than_so_many_versions_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tags, "_MOST_KEPT", 2)
    template = Template("{% load crs %}{% kept step %}{{ step }}{{ count }}{% endkept %}")
    assert [drawn(template, step=step, count="a") for step in (1, 2, 3)] == ["1a", "2a", "3a"]
    assert drawn(template, step=3, count="b") == "3a"
    assert drawn(template, step=1, count="b") == "1b"


def test_nothing_of_a_request_or_a_person_is_kept() -> None:
    texts = [path.read_text() for path in (settings.BASE_DIR / "templates").rglob("*.html")]
    parts = [part for text in texts for part in KEPT.findall(text)]
    assert len(parts) == sum(text.count("{% kept") for text in texts) > 5
    asked = [QUOTED.sub("", tag) for part in parts for tag in TAG.findall(part)]
    assert [tag for tag in asked if OF_A_REQUEST.search(tag)] == []


@pytest.mark.django_db
def test_two_browsers_read_their_own_token_address_and_language() -> None:
    def page(path: str, language: str) -> tuple[str, ...]:
        html = Client(headers={"accept-language": language}).get(path).content.decode()
        found = (
            re.search(pattern, html) for pattern in (r'"csrfmiddlewaretoken" value="(\w+)"', r'"next" value="(.+?)"')
        )
        return *(one[1] for one in found if one), re.findall(r'<html lang="(\w+)"', html)[0]

    first, second = page("/", "cs"), page("/ockovaci-mista/?x=1", "vi")
    assert first[0] != second[0]
    assert (first[1:], second[1:]) == (("/", "cs"), ("/ockovaci-mista/?x=1", "vi"))
