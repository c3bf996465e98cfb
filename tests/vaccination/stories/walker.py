"""Somebody at a browser without JavaScript, who reads pages, follows their links and sends their forms as they stand.

What is not on the page cannot be clicked or typed, so a story that has no way on fails where its person would stand.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.test import Client
from django.urls import reverse

from crs.no_break import breakable
from tests.pages import Page, text_of, text_of_pdf


@dataclass
class Button:
    """A button of a form: what it says, and what it sends."""

    name: str
    value: str
    text: str = ""


@dataclass
class Form:
    """A form as the page shows it: what a browser would send untouched, and what may be chosen."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    choices: dict[str, set[str]] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        """The names of its fields."""
        return self.values.keys() | self.choices.keys()


class _Reader(HTMLParser):
    """The links and forms of a page."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[tuple[str, list[str]]] = []
        self._form: Form | None = None
        self._link: list[str] | None = None
        self._button: Button | None = None
        self._select = ""
        self._option: str | None = None
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        is_on = {name for name, _value in attrs}
        if tag == "form":
            self._form = Form(said.get("action", ""), said.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag == "a" and "href" in said:
            self._link = []
            self.links.append((said["href"], self._link))
        elif self._form is not None:
            self._control(self._form, tag, said, is_on)

    def _control(self, form: Form, tag: str, said: dict[str, str], is_on: set[str]) -> None:
        name, kind = said.get("name", ""), said.get("type", "text")
        if tag == "button":
            self._button = Button(name, said.get("value", ""))
            form.buttons.append(self._button)
        elif tag == "select":
            self._select = name
            form.choices[name] = set()
        elif tag == "option":
            value = said.get("value", "")
            form.choices[self._select].add(value)
            if "selected" in is_on or self._select not in form.values:
                form.values[self._select] = value
        elif tag == "textarea":
            form.values[name] = ""
        elif tag == "input" and kind in ("radio", "checkbox"):
            form.choices.setdefault(name, set()).add(said.get("value", "on"))
            if "checked" in is_on:
                form.values[name] = said.get("value", "on")
        elif tag == "input" and name:
            form.values[name] = said.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "a":
            self._link = None
        elif tag == "button":
            self._button = None

    def handle_data(self, data: str) -> None:
        if self._link is not None:
            self._link.append(data)
        if self._button is not None:
            self._button.text = f"{self._button.text} {data.strip()}".strip()


class Walker:
    """Somebody at a browser: the page before them, and what they do on it."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.page: Page = None
        self.address = ""

    def open(self, name: str, *arguments: object) -> str:
        """Open the page with this name of an address, as from a bookmark; returns what is read there."""
        return self._got(self.client.get(reverse(name, args=arguments), follow=True))

    def click(self, text: str) -> str:
        """Follow the first link that says `text`."""
        found = [href for href, said in self._read().links if text in " ".join("".join(said).split())]
        assert found, f"no link says {text!r} on {self.address}: {self.text}"
        return self._got(self.client.get(urljoin(self.address, found[0]), follow=True))

    def send(self, button: str, **typed: str) -> str:
        """Type into the form with the button that says `button` and press it; what is not typed stays as shown.

        A name of a field may be written with '_' where it has '-'.
        """
        form, pressed = self._form(button)
        sent = dict(form.values)
        names = {name.replace("-", "_"): name for name in form.names}
        for given, value in typed.items():
            name = names.get(given.replace("-", "_"), "")
            assert name, f"{given!r} cannot be filled in on {self.address}: {sorted(form.names)}"
            allowed = form.choices.get(name)
            assert allowed is None or value in allowed, f"{name!r} offers {allowed}"
            sent[name] = value
        if pressed.name:
            sent[pressed.name] = pressed.value
        form.action = urljoin(self.address, form.action)
        self.sent = (form, sent)
        return self._send(form, sent)

    def send_again(self) -> str:
        """Send the last form once more, as an impatient second click does."""
        return self._send(*self.sent)

    @property
    def text(self) -> str:
        """What is read on the page, or in the document."""
        if self.page.headers["Content-Type"].startswith("application/pdf"):
            return text_of_pdf(self.page.content)
        return text_of(self.page)

    def has_link(self, text: str) -> bool:
        """Whether a link says so."""
        return any(text in " ".join("".join(said).split()) for _href, said in self._read().links)

    def offers(self, name: str) -> dict[str, str]:
        """The options of a choice on the page by what they say; only of selects."""
        found = re.search(rf'<select[^>]*name="{name}".*?</select>', self.page.content.decode(), re.DOTALL)
        assert found, f"no choice {name!r} on {self.address}"
        return {said.strip(): value for value, said in re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)<', found[0])}

    def fields(self) -> set[str]:
        """The names of all fields of the page."""
        return {name for form in self._read().forms for name in form.names}

    def field(self, name: str) -> str:
        """What stands in the first field of that name."""
        return next(form.values[name] for form in self._read().forms if name in form.values)

    def buttons(self) -> list[str]:
        """What the buttons of the page say."""
        return [one.text for form in self._read().forms for one in form.buttons]

    def _send(self, form: Form, sent: dict[str, str]) -> str:
        if form.method == "get":
            return self._got(self.client.get(form.action, sent, follow=True))
        return self._got(self.client.post(form.action, sent, follow=True))

    def _form(self, button: str) -> tuple[Form, Button]:
        for form in self._read().forms:
            for one in form.buttons:
                if breakable(button) in breakable(one.text):
                    return form, one
        raise AssertionError(f"no button says {button!r} on {self.address}: {self.buttons()} {self.text}")

    def _read(self) -> _Reader:
        return _Reader(self.page.content.decode())

    def _got(self, page: Page) -> str:
        asked = page.redirect_chain[-1][0] if page.redirect_chain else None
        request = page.request
        own = request["PATH_INFO"] + (f"?{request['QUERY_STRING']}" if request["QUERY_STRING"] else "")
        self.page, self.address = page, asked if asked and urlsplit(asked).path else own
        assert page.status_code == 200, f"{page.status_code} at {self.address}"
        return self.text
