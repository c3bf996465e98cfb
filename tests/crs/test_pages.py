"""The skeleton of every page: language, headings, nothing inline, and forms that say what is wrong."""

import re
from datetime import datetime
from html.parser import HTMLParser

import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import get_template
from django.test import Client, RequestFactory
from django.utils import timezone, translation
from pytest_django import Settings

LANGUAGES = ["cs", "en", "uk", "vi"]


class Page(HTMLParser):
    """What a test asks about a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what the parser meets."""
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of each such element."""
        return [attrs for name, attrs in self.elements if name == tag]

    def by_id(self, element_id: str) -> dict[str, str | None]:
        """The attributes of the element with this id."""
        return next(attrs for _tag, attrs in self.elements if attrs.get("id") == element_id)


def assert_is_a_sound_page(html: str, language: str) -> None:
    page = Page(html)
    assert page.all("html")[0]["lang"] == language
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1
    assert not page.all("style")
    for tag, attributes in page.elements:
        assert "style" not in attributes, tag
        assert not [name for name in attributes if name.startswith("on")], tag
    for script in page.all("script"):
        assert script.get("src"), "inline script"
    assert not re.findall(r"(?:src|href|action)=\"(?:https?:)?//", html), "an address of somebody else"
    ids = [attributes["id"] for _tag, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_front_page_is_sound_in_each_language(client: Client, language: str) -> None:
    client.cookies["crs_language"] = language
    response = client.get("/")
    assert response.status_code == 200
    assert_is_a_sound_page(response.content.decode(), language)


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_page_is_sound_in_each_language(client: Client, language: str) -> None:
    client.cookies["crs_language"] = language
    response = client.get("/neni-tu/")
    assert response.status_code == 404
    assert_is_a_sound_page(response.content.decode(), language)


@pytest.mark.parametrize("name", ["403.html", "403_csrf.html", "404.html", "503.html"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_error_pages_are_sound_without_a_database(rf: RequestFactory, name: str, language: str) -> None:
    with translation.override(language):
        assert_is_a_sound_page(get_template(name).render({}, rf.get("/")), language)


def test_the_page_of_last_resort_needs_nothing_at_all() -> None:
    assert_is_a_sound_page(get_template("500.html").render(), "cs")


def test_a_form_from_a_stale_page_is_told_so_in_words() -> None:
    response = Client(enforce_csrf_checks=True).post("/jazyk/", {"language": "en"})
    assert response.status_code == 403
    assert_is_a_sound_page(response.content.decode(), "cs")


@pytest.mark.django_db
def test_the_policy_lets_no_browser_load_from_elsewhere(client: Client) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'self'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_language_switch_never_leads_elsewhere(client: Client, page: str) -> None:
    response = client.post("/jazyk/", {"language": "en", "next": page})
    assert response.headers["Location"] == "/"


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["word", "home", "a\x00b", ""])
def test_the_language_switch_stands_any_address(client: Client, page: str) -> None:
    assert client.post("/jazyk/", {"language": "en", "next": page}).status_code == 302


@pytest.mark.django_db
def test_the_chosen_language_is_kept_on_the_device_and_an_unknown_one_is_not(client: Client) -> None:
    client.post("/jazyk/", {"language": "xx", "next": "/"})
    assert "crs_language" not in client.cookies
    response = client.post("/jazyk/", {"language": "en", "next": "/registrace/?a=1"})
    assert response.headers["Location"] == "/registrace/?a=1"
    assert client.get("/").headers["Content-Language"] == "en"


class Trial(forms.Form):
    """A field of each kind."""

    name = forms.CharField(
        label="Name", help_text="As on the card.", widget=forms.TextInput({"autocomplete": "given-name"})
    )
    nick = forms.CharField(label="Nick", required=False)
    region = forms.ChoiceField(label="Region", choices=[("1", "One")])
    reason = forms.ChoiceField(
        label="Reason", help_text="Only one.", widget=forms.RadioSelect, choices=[("a", "Age"), ("b", "Work")]
    )
    sites = forms.MultipleChoiceField(label="Sites", widget=forms.CheckboxSelectMultiple, choices=[("x", "X")])
    consent = forms.BooleanField(label="I agree", help_text="To all of it.")


def render(form: forms.Form) -> Page:
    fields = "{% for field in form %}{{ field.as_field_group }}{% endfor %}"
    template = Template('{% include "crs/error_summary.html" %}' + fields)
    return Page(template.render(Context({"form": form})))


def test_a_field_is_tied_to_its_help_and_to_its_error() -> None:
    page = render(Trial({}))
    name = page.by_id("id_name")
    assert name["aria-invalid"] == "true"
    assert name["autocomplete"] == "given-name"
    for described in str(name["aria-describedby"]).split():
        page.by_id(described)
    assert name["aria-describedby"] == "id_name_helptext id_name_error"
    consent = page.by_id("id_consent")
    assert consent["aria-describedby"] == "id_consent_helptext id_consent_error"


def test_every_line_of_the_summary_leads_to_a_field_that_exists() -> None:
    page = render(Trial({}))
    links = [str(link["href"]) for link in page.all("a")]
    assert links == ["#id_name", "#id_region", "#id_reason_0", "#id_sites_0", "#id_consent"]
    for link in links:
        page.by_id(link.removeprefix("#"))
    assert [attrs for _tag, attrs in page.elements if attrs.get("role") == "alert"]


def test_a_group_of_choices_has_a_legend_and_one_choice_has_a_label() -> None:
    page = render(Trial({}))
    assert [group["data-control"] for group in page.all("fieldset")] == ["radio", "checkboxes"]
    assert len(page.all("legend")) == 2
    labelled = {label["for"] for label in page.all("label")}
    controls = {attrs["id"] for attrs in page.all("input") + page.all("select") if attrs.get("type") != "hidden"}
    assert labelled == controls


def test_a_form_without_errors_has_no_summary() -> None:
    page = render(Trial())
    assert not [attrs for _tag, attrs in page.elements if attrs.get("role") == "alert"]


@pytest.mark.parametrize("step", range(1, 8))
def test_the_wizard_marks_where_the_person_stands(step: int) -> None:
    html = Template('{% include "crs/wizard.html" %}').render(Context({"step": step}))
    items = Page(html).all("li")
    assert len(items) == 7
    assert [number for number, item in enumerate(items, start=1) if item.get("aria-current") == "step"] == [step]


def test_who_found_a_hole_learns_whom_to_tell(client: Client, settings: Settings) -> None:
    path = "/.well-known/security.txt"
    assert client.get(path).status_code == 404
    settings.SECURITY_CONTACT = "mailto:security@example.cz"
    said = dict(line.split(": ", 1) for line in client.get(path).content.decode().splitlines())
    assert said["Contact"] == "mailto:security@example.cz"
    assert datetime.fromisoformat(said["Expires"]) > timezone.now()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wanted", "chosen", "language"),
    [
        ("uk-UA,uk;q=0.9,en;q=0.5", "", "uk"),
        ("vi-VN", "", "vi"),
        # English is chosen by hand; what comes after it tells more.
        ("en-US,en;q=0.9", "", "cs"),
        ("en-US,uk;q=0.5", "", "uk"),
        ("cs,uk;q=0.9", "", "cs"),
        ("ru-RU,uk;q=0.1", "", "uk"),
        ("uk-UA", "en", "en"),
        ("uk-UA", "xx", "uk"),
        ("", "", "cs"),
        ("%%%,,;q=x", "", "cs"),
    ],
)
def test_the_language_chosen_counts_else_what_a_browser_asks_for(
    client: Client, wanted: str, chosen: str, language: str
) -> None:
    client.cookies["crs_language"] = chosen
    response = client.get("/", headers={"Accept-Language": wanted})
    assert response.headers["Content-Language"] == language
    assert {"Accept-Language", "Cookie"} <= set(response.headers["Vary"].split(", "))


@pytest.mark.django_db
@pytest.mark.parametrize(("chosen", "spoken"), [("uk", "cs"), ("vi", "cs"), ("en", "en")])
def test_pages_of_staff_speak_czech_or_english_and_offer_no_other(client: Client, chosen: str, spoken: str) -> None:
    client.cookies["crs_language"] = chosen
    page = client.get("/personal/prihlaseni/")
    assert page.headers["Content-Language"] == spoken
    offered = set(re.findall(r'name="language" value="(\w+)"', page.content.decode()))
    assert offered == {"cs", "en"} - {spoken}


@pytest.mark.django_db
def test_citizens_are_offered_each_other_language_in_its_own_name(client: Client) -> None:
    html = client.get("/").content.decode()
    for code, name in (("en", "English"), ("uk", "Українська"), ("vi", "Tiếng Việt")):
        assert f'value="{code}" lang="{code}">{name}</button>' in html
