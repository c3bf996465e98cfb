"""The walk of one person from a telephone number to two reserved doses, a method per step."""

import re
from collections.abc import Callable
from datetime import datetime

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.hands import Hands, Mouse
from tests.browser.inbox import Inbox
from tests.browser.people import ENGLISH, Person, invite_as_beat, invite_as_staff
from tests.browser.portal import Place, Portal, say
from tests.browser.watch import Watch

Look = Callable[[Page, str], None]
SECONDS_TO_ANSWER = 20


# What beat sends in the morning, by the clock of the day before the dose.
_REMIND = """
from datetime import datetime, timedelta
from django.utils import timezone
from reservation.moving import reminders
reminders.send_due(now=timezone.make_aware(datetime.fromisoformat("{day} 10:00")) - timedelta(days=1))
"""


def no_look(page: Page, name: str) -> None:
    """For tests that are about something else than the look of pages."""


class Walk:
    """A person at a browser. `look` is called with each page that they see."""

    def __init__(
        self,
        context: BrowserContext,
        portal: Portal,
        person: Person,
        *,
        watch: Watch,
        hands: Hands | None = None,
        look: Look = no_look,
        is_captcha_in_words: bool = False,
    ) -> None:
        self.context = context
        self.portal = portal
        self.person = person
        self.watch = watch
        self.hands: Hands = hands or Mouse()
        self.look = look
        self.is_captcha_in_words = is_captcha_in_words
        self.page = context.new_page()
        self.place = portal.place()
        self.pin2 = ""
        self.typed: dict[str, str] = {}

    # --- steps 1 to 4 ---------------------------------------------------------------------------

    def start(self) -> None:
        """The front page, in the language of the person."""
        self.page.goto(f"{self.portal.url}/")
        if self.person.language == ENGLISH:
            self.press(self.page.locator("button[name=language][value=en]"))
            self.page.wait_for_selector("html[lang=en]")
        self.look(self.page, "home")

    def ask_for_pin(self) -> None:
        """Step 1."""
        self.press(self.page.locator("a.crs-button[href='/registrace/']"))
        self.arrive("/registrace/")
        self.look(self.page, "phone")
        self.fill("phone", self.person.typed_phone)
        self.answer_captcha()
        self.press(self.button("Send me the PIN"))
        self.arrive("/registrace/pin/")

    def prove_telephone(self) -> None:
        """Step 2."""
        self.look(self.page, "pin")
        self.fill("pin", self.inbox().pin(template="registration/pin"))
        self.press(self.button("Continue"))
        self.arrive("/registrace/formular/")

    def fill_in_form(self, place: Place | None = None) -> None:
        """Step 3 up to the last button, with the site of `place` as the preferred one."""
        self.look(self.page, "form")
        person = self.person
        self.typed = {
            "first_name": person.first_name,
            "last_name": person.last_name,
            **self.choose_identity(),
            "street": "Na Příkopě 12/3",
            "city": "Žďár nad Sázavou",
            "postcode": "591 01",
            "email": person.email,
        }
        for name, text in self.typed.items():
            self.fill(name, text)
        if place:
            self.prefer(place)

    def choose_identity(self) -> dict[str, str]:
        """Step 3: the insurer, or the document of whoever has none; what is to be typed beside it."""
        if not self.person.passport:
            self.choose("insurer", "111")
            return {"insured_number": self.person.insured_number}
        self.press(self.page.locator("button[name=choose][value=document]"))
        expect(self.page.locator("#id_document_number")).to_be_attached()
        self.choose("document_type", "PASSPORT")
        self.choose("document_country", "UA")
        self.choose("sex", "F")
        return {"document_number": self.person.passport, "birth": "24. 8. 1943"}

    def prefer(self, place: Place) -> None:
        """Step 3: region, district, and a tick at the site."""
        self.choose("region", place.region)
        self.press(self.page.locator("button[name=choose][value=region]"))
        expect(self.page.locator("#id_district")).to_be_attached()
        self.choose("district", place.district)
        self.press(self.page.locator("button[name=choose][value=district]"))
        site = self.page.locator(f"input[name=sites][value='{place.site_id}']")
        expect(site).to_be_attached()
        self.assert_kept()
        self.hands.tick(site)

    def make_a_mistake(self) -> None:
        """Send the form with a digit missing; nothing typed may be lost, and the words say what is wrong."""
        self.typed["insured_number"] = self.person.insured_number[:-1]
        self.fill("insured_number", self.typed["insured_number"])
        self.press(self.button("Continue to the check"))
        expect(self.page.locator(".crs-errors a[href='#id_insured_number']")).to_be_visible()
        assert self.page.title().startswith(say("Error:", language=self.person.language))
        expect(self.page.locator("#id_insured_number_error")).to_be_visible()
        self.assert_kept()
        self.look(self.page, "form-mistake")
        self.typed["insured_number"] = self.person.insured_number
        self.fill("insured_number", self.person.insured_number)

    def look_over(self) -> None:
        """Step 3: all that was typed, and 'Change' beside the town leads to its field and back."""
        self.press(self.button("Continue to the check"))
        self.arrive("/registrace/kontrola/")
        expect(self.page.locator("dl.crs-known dd").first).to_have_text(re.compile(rf"^\s*{self.person.name}"))
        self.look(self.page, "review")
        self.press(self.page.locator("dl.crs-known a[href$='#id_street']"))
        self.arrive("/registrace/formular/#id_street")
        if self.typed:
            self.assert_kept()
        self.press(self.button("Continue to the check"))
        self.arrive("/registrace/kontrola/")

    def send_form(self) -> None:
        """Step 4: the registration number."""
        self.look_over()
        self.hands.tick(self.page.locator("#id_consent"))
        self.press(self.button("Register"))
        self.arrive("/registrace/hotovo/")
        self.look(self.page, "done")
        shown = self.page.locator(".crs-number").inner_text()
        (number,) = self.portal.row(
            "SELECT number FROM registration_registration WHERE phone = %s", [self.person.phone]
        )
        assert re.sub(r"\W", "", shown) == re.sub(r"\W", "", number)

    def finish(self) -> None:
        """Leave nothing on the computer."""
        before = self.session()
        self.press(self.button("Finish"))
        self.arrive("/")
        assert self.session() != before

    # --- steps 5 to 7 ---------------------------------------------------------------------------

    def wait_for_turn(self, *, is_staff_inviting: bool = False) -> None:
        """Step 5, first half: PIN2 comes by SMS, because beat or somebody of the staff sends it."""
        (invite_as_staff if is_staff_inviting else invite_as_beat)(self.portal.stack)
        self.pin2 = self.inbox().pin(template="reservation/invitation")

    def log_in(self, *, arrives_at: str = "/rezervace/misto/") -> None:
        """Step 5, second half."""
        self.page.goto(f"{self.portal.url}/rezervace/")
        self.look(self.page, "log-in")
        self.type_pin2()
        self.arrive(arrives_at)

    def type_pin2(self) -> None:
        """Fill in the log-in page."""
        self.pin2 = self.pin2 or self.inbox().pin(template="reservation/invitation")
        self.fill("phone", self.person.typed_phone)
        self.fill("pin2", self.pin2)
        self.press(self.button("Log in"))

    def choose_day(self, place: Place) -> None:
        """Step 6 up to the list of times: region and district, site, day in the calendar."""
        self.place = place
        self.look(self.page, "site")
        self.choose("kraj", place.region)
        self.choose("okres", place.district)
        self.press(self.button("Show sites"))
        # A region that was only suggested stands in the address, too.
        chosen = re.compile(rf"/rezervace/misto/\?(navrh=\w+&)?kraj={place.region}&okres={place.district}$")
        expect(self.page).to_have_url(chosen, timeout=SECONDS_TO_ANSWER * 1000)
        self.press(self.page.locator(f"#choose-{place.site_id}"))
        self.arrive(f"/rezervace/misto/{place.site_id}/")
        self.look(self.page, "day")
        day = self.page.locator(f".rsv-calendar a[href$='/{place.site_id}/{place.day}/']")
        while not day.count():
            month = self.page.url
            self.press(self.page.locator(".rsv-months__next"))
            expect(self.page).not_to_have_url(month)
            self.page.wait_for_load_state()
        self.press(day)
        self.arrive(f"/rezervace/misto/{place.site_id}/{place.day}/")

    def choose_time(self) -> None:
        """Step 7: the time is held, and the second dose is found."""
        self.look(self.page, "time")
        self.press(self.time_button(self.place))
        self.arrive("/rezervace/potvrdit/")

    def check_doses(self) -> list[datetime]:
        """The second dose is exactly 21 days after the first, at the same time on the wall."""
        shown = [one.get_attribute("datetime") for one in self.page.locator(".rsv-appointment time").all()]
        first, second = (datetime.fromisoformat(text or "") for text in shown)
        assert first == self.place.starts_at
        assert (second.date() - first.date()).days == 21
        assert second.timetz().replace(tzinfo=None) == first.timetz().replace(tzinfo=None)
        return [first, second]

    def confirm(self) -> None:
        """The last click."""
        self.look(self.page, "confirm")
        self.answer_captcha()
        self.press(self.button("Confirm"))
        self.arrive("/rezervace/hotovo/")

    # --- and if something comes in the way ------------------------------------------------------

    def change_times(self, place: Place) -> None:
        """Other times for all doses: what changes is shown, and then it is done."""
        self.press(self.page.locator("main a[href='/rezervace/zmena/']"))
        self.arrive("/rezervace/zmena/")
        self.look(self.page, "changes")
        self.press(self.page.locator("a[href='/rezervace/zmena/1/misto/']"))
        self.arrive("/rezervace/zmena/1/misto/")
        self.look(self.page, "move-site")
        # The days of a site are walked to at the first choice.
        self.page.goto(f"{self.portal.url}/rezervace/zmena/1/misto/{place.site_id}/{place.day}/")
        self.place = place
        self.press(self.time_button(place))
        self.arrive("/rezervace/zmena/1/")
        self.look(self.page, "move")
        self.press(self.button("Change to the new times"))
        self.arrive("/rezervace/hotovo/")

    def cancel_times(self) -> None:
        """Give all times back, and be offered others at once."""
        self.press(self.page.locator("main a[href='/rezervace/zmena/']"))
        self.arrive("/rezervace/zmena/")
        self.press(self.page.locator("a[href='/rezervace/zrusit/']"))
        self.arrive("/rezervace/zrusit/")
        self.look(self.page, "cancel")
        self.press(self.button("Cancel these times"))
        self.arrive("/rezervace/misto/")

    def answer_reminder(self) -> None:
        """The reminder of the day before: its link, and one press because something came in the way."""
        self.portal.stack.manage("shell", "--verbosity", "0", "--command", _REMIND.format(day=self.place.day))
        link = re.search(r"/o/[A-Z2-9]{16}/", self.inbox().text(template="reservation/reminder"))
        assert link
        self.page.goto(f"{self.portal.url}{link[0]}")
        self.arrive("/rezervace/nemohu-prijit/")
        self.look(self.page, "cannot-come")
        self.press(self.button("I cannot come"))
        self.arrive("/rezervace/misto/")

    def log_out(self) -> None:
        """Leave; the button at the end of the page."""
        self.press(self.button("Log out").last)
        self.arrive("/")

    # --- small things ---------------------------------------------------------------------------

    def button(self, text: str) -> Locator:
        """A button by its text in the language of the person."""
        return self.page.get_by_role("button", name=say(text, language=self.person.language), exact=True)

    def time_button(self, place: Place) -> Locator:
        """The button of a time on the page of a day."""
        return self.page.locator(f"button[name=slot][value='{place.slot_id}']")

    def press(self, place: Locator) -> None:
        """Press a button or follow a link."""
        self.hands.press(place)

    def fill(self, name: str, text: str) -> None:
        """Type into the field of that name."""
        self.hands.fill(self.page.locator(f"#id_{name}"), text)

    def choose(self, name: str, value: str) -> None:
        """Choose from the list of that name."""
        self.hands.choose(self.page.locator(f"#id_{name}"), value)

    def answer_captcha(self) -> None:
        """The letters on the picture, or the answer to the question in words."""
        if self.is_captcha_in_words:
            self.press(self.page.locator("button[name=captcha_kind][value=words]"))
            expect(self.page.locator("input[name=captcha_shown][value=words]")).to_be_attached()
        key = self.page.locator("[name=captcha_0]").input_value()
        self.fill("captcha_1", self.portal.captcha_answer(key, language=self.person.language))

    def arrive(self, path: str) -> None:
        """Be on a page; what it says instead stands in the error."""
        try:
            # Unlike `wait_for_url`, it does not mind an answer that a second click replaced by another.
            expect(self.page).to_have_url(f"{self.portal.url}{path}", timeout=SECONDS_TO_ANSWER * 1000)
            self.page.wait_for_load_state()
        except AssertionError as error:
            raise AssertionError(
                f"not at {path} but at {self.page.url}: {self.page.locator('main').inner_text()[:600]}"
            ) from error

    def session(self) -> str | None:
        """The key of the session in this browser."""
        return next((one["value"] for one in self.context.cookies() if one["name"] == "crs_session"), None)

    def assert_kept(self) -> None:
        """All that was typed into the form stands there."""
        for name, text in self.typed.items():
            expect(self.page.locator(f"#id_{name}")).to_have_value(text)
        chosen = {"document_country": "UA", "sex": "F"} if self.person.passport else {"insurer": "111"}
        for name, value in chosen.items():
            expect(self.page.locator(f"#id_{name}")).to_have_value(value)

    def inbox(self, recipient: str = "") -> Inbox:
        """The local inbox, narrowed to the person's telephone or to another address."""
        return Inbox(self.context, portal=self.portal.url, recipient=recipient or self.person.phone)

    def living(self) -> list[tuple[object, ...]]:
        """Living reservations of the person: state and slot of the first dose."""
        return self.portal.rows(
            """SELECT v.state, a.slot_id, v.check_in_code FROM reservation_reservation v
               JOIN registration_registration r ON r.id = v.registration_id
               JOIN reservation_appointment a ON a.reservation_id = v.id AND a.dose_number = 1
               WHERE r.phone = %s AND v.state IN ('HELD', 'CONFIRMED')""",
            [self.person.phone],
        )
