"""Numbers, dates and short words keep to what follows them; nothing for programs and no SMS has such a space."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import translation
from django.utils.formats import date_format, get_format

from crs import csv_download, i18n
from crs.messaging import sms_text
from crs.no_break import breakable, unbroken, unbroken_count, unbroken_data, unbroken_date
from registration.telephones import phone

AT = datetime(2026, 11, 6, 8, 5, tzinfo=ZoneInfo("Europe/Prague"))


def shown(text: str) -> str:
    """With a visible sign for each no-break space."""
    return text.replace("\u00a0", "~")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("V Praze s PINem k lékaři a z domu", "V~Praze s~PINem k~lékaři a~z~domu"),
        ('Zavolejte <a href="tel:1221">a s dotazem</a>', 'Zavolejte <a href="tel:1221">a~s~dotazem</a>'),
        ("Pošlete ho i %(name)s a „jim“", "Pošlete ho i~%(name)s a~„jim“"),
        ("volejte 601 700 020 do 19 hodin", "volejte 601~700~020 do 19~hodin"),
        ("přišlo 1 221 lidí 26. listopadu v 8:15", "přišlo 1~221~lidí 26.~listopadu v~8:15"),
        ("PIN2: 1234 5678", "PIN2: 1234 5678"),
        ("číslo 5. Potom", "číslo 5. Potom"),
        ("та в місті з телефоном", "та в~місті з~телефоном"),
        ("type a b and e-mail a", "type a~b and e-mail a"),
    ],
)
def test_a_line_ends_neither_after_a_short_word_nor_in_a_number(text: str, kept: str) -> None:
    assert shown(unbroken(text)) == kept
    assert breakable(unbroken(text)) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Praha 4", "Praha~4"),
        ("Šrobárova 1150/50, 100 34 Praha 10", "Šrobárova~1150/50, 100~34 Praha~10"),
        ("Dlouhá 12a, 602 00 Brno", "Dlouhá~12a, 602~00 Brno"),
        ("Poliklinika u nádraží", "Poliklinika u~nádraží"),
        ("601 700 020", "601~700~020"),
        ("3. 5. 2027", "3.~5.~2027"),
    ],
)
def test_an_address_keeps_its_numbers(text: str, kept: str) -> None:
    assert shown(unbroken_data(text)) == kept
    page = Template("{% load crs %}{{ text|unbroken }}").render(Context({"text": f"{text} <b>"}))
    assert shown(page) == f"{kept} &lt;b&gt;"


def test_what_is_counted_stays_with_its_number() -> None:
    assert shown(unbroken_count("%(free)s volná místa z %(total)s")) == "%(free)s~volná místa z~%(total)s"


@pytest.mark.parametrize(
    ("language", "name", "kept"),
    [
        ("cs", "j. n. Y", "6.~11.~2026"),
        ("cs", "l j. E Y, G:i", "pátek 6.~listopadu 2026, 8:05"),
        ("cs", "j. E Y v G:i", "6.~listopadu 2026 v~8:05"),
        ("cs", "DATE_FORMAT", "6.~listopadu 2026"),
        ("en", "DATE_FORMAT", "6~November 2026"),
        ("uk", "DATETIME_FORMAT", "06~листопада 2026~р. 08:05"),
        ("vi", "l j. n. Y", "Thứ Sáu 6.~11.~2026"),
        ("cs", "Y-m-d H:i", "2026-11-06 08:05"),
    ],
)
def test_a_date_stays_on_its_line_in_code_and_in_templates(language: str, name: str, kept: str) -> None:
    with translation.override(language):
        assert shown(date_format(AT, name)) == kept
        page = Template("{{ at|date:name }}").render(Context({"at": AT, "name": name}))
        assert shown(page) == kept
        # What people type is read as before.
        assert all("\u00a0" not in one for one in get_format("DATE_INPUT_FORMATS"))


def test_a_format_that_is_whole_already_stays_so() -> None:
    assert unbroken_date(unbroken_date("j. E Y")) == unbroken_date("j. E Y")


def test_the_compiled_catalogs_are_so_and_the_files_that_people_edit_are_not() -> None:
    with translation.override("cs"):
        said = translation.gettext("PIN from the SMS")
        page = translation.gettext("Type your telephone number. A text message with a PIN will come to it.")
    assert shown(said) == "PIN z~SMS"
    assert shown(page).endswith("SMS zpráva s~PINem.")
    for room in i18n.catalogs(settings.BASE_DIR):
        if room.po.exists():
            assert "\u00a0" not in room.po.read_text(encoding="utf-8"), room.po


def test_a_telephone_is_one_word_on_a_page_and_as_people_type_it_in_a_field() -> None:
    assert shown(phone.readable("+420601700020")) == "601~700~020"
    assert phone.as_typed("+420601700020") == "601 700 020"


@pytest.mark.parametrize("language", ["cs", "en", "uk", "vi"])
def test_no_sms_and_no_table_has_such_a_space(language: str) -> None:
    text = "Registrace 100\u00a0000\u00a0014 в\u00a0місті"
    assert "\u00a0" not in sms_text.sendable(text, language=language)
    table = csv_download.download("lide", [["Praha\u00a04", "=1\u00a02"]]).content.decode()
    assert "\u00a0" not in table
