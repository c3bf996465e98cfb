"""The picture and the sound of a challenge: for eyes and ears, not for whoever reads the page's text."""

import random
import re
import stat
import time
import wave
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from captcha.models import CaptchaStore
from captcha.views import captcha_image
from django.test import Client, RequestFactory
from django.utils import timezone, translation
from PIL import Image, ImageChops
from pytest_django import Settings

from crs import slow_work
from crs.captcha import questions, speech
from crs.captcha.forms import WORDS

SUM = ("sum:3:4", "number:7")


def asked(challenge: str = SUM[0], response: str = SUM[1]) -> str:
    """The key of a challenge."""
    return str(CaptchaStore.objects.create(challenge=challenge, response=response).hashkey)


def page_of(client: Client, language: str, kind: str = WORDS) -> str:
    client.cookies["crs_language"] = language
    return client.post("/registrace/", {"captcha_kind": kind}).content.decode()


@pytest.fixture
def voice(tmp_path: Path, settings: Settings) -> Path:
    """A stand-in for espeak-ng: half a second of silence, and on its first line what it does before."""
    silence = tmp_path / "silence.wav"
    with wave.open(str(silence), "wb") as file:
        file.setparams((1, 2, 22050, 0, "NONE", ""))
        file.writeframes(bytes(22050))
    script = tmp_path / "espeak-ng"
    script.write_text(f"#!/bin/sh\n:\ncat {silence}\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    settings.CAPTCHA_ESPEAK_PATH = str(script)
    return script


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["cs", "en"])
def test_a_script_finds_neither_the_question_nor_its_answer_in_the_page(client: Client, language: str) -> None:
    for _attempt in range(10):
        page = page_of(client, language)
        key = re.search(r'name="captcha_0" value="(\w+)"', page)
        assert key
        store = CaptchaStore.objects.get(hashkey=key[1])
        captcha = page[page.index('class="crs-captcha"') : page.index('class="crs-captcha__others"')]
        with translation.override(language):
            assert questions.question(store.challenge) not in page
            for words in questions.WORDS.values():
                assert not [word for word in words if re.search(rf"\b{word}\b", captcha)]
        assert store.challenge not in page
        assert store.response not in page


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["picture", "words"])
@pytest.mark.parametrize("language", ["cs", "en"])
def test_who_does_not_see_the_picture_is_told_of_the_line_1221(client: Client, language: str, kind: str) -> None:
    alt = re.search(r'class="crs-captcha__picture"[^>]* alt="([^"]+)"', page_of(client, language, kind))
    assert alt
    assert "1221" in alt[1]


@pytest.mark.django_db
def test_the_question_is_a_picture_in_the_language_of_the_person_and_the_same_each_time(client: Client) -> None:
    key = asked()
    pictures = {}
    for language in ("cs", "en"):
        client.cookies["crs_language"] = language
        answer = client.get(f"/captcha/{key}.png")
        assert answer.headers["Content-Type"] == "image/png"
        assert "no-store" in answer.headers["Cache-Control"]
        pictures[language] = answer.content
        assert client.get(f"/captcha/{key}.png").content == answer.content
    assert pictures["cs"] != pictures["en"]


@pytest.mark.django_db
def test_the_letters_look_as_the_library_draws_them(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def three_lines(draw: Any, image: Any) -> Any:
        width, height = image.size
        for _line in range(3):
            ends = [0, random.randint(0, height), width, random.randint(0, height)]
            draw.line(ends, fill="#6d6d6d", width=max(1, height // 30))
        return draw

    monkeypatch.setattr("captcha.conf.settings.noise_functions", lambda: [three_lines])
    key = asked("ABCEH", "abceh")
    theirs, ours = (
        Image.open(BytesIO(answer.content)).convert("L")
        for answer in (captcha_image(RequestFactory().get("/"), key, scale=2), client.get(f"/captcha/{key}.png"))
    )
    assert ours.size == theirs.size
    assert ours.width > 200
    assert max(ImageChops.difference(ours, theirs).tobytes()) <= 1


@pytest.mark.django_db
@pytest.mark.parametrize("ending", ["png", "wav"])
def test_a_challenge_that_ran_out_or_never_was_shows_nothing(client: Client, voice: Path, ending: str) -> None:
    key = asked()
    CaptchaStore.objects.update(expiration=timezone.now() - timedelta(seconds=1))
    for wrong in (key, "0" * 40):
        assert client.get(f"/captcha/{wrong}.{ending}").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["refresh/", "image/{key}/", "image/{key}@2/", "audio/{key}.wav"])
def test_the_addresses_of_the_library_are_closed(client: Client, path: str) -> None:
    answer = client.get("/captcha/" + path.format(key=asked()), headers={"x-requested-with": "XMLHttpRequest"})
    assert answer.status_code == 404


# --- sound --------------------------------------------------------------------------------------


@pytest.mark.skipif(not which("espeak-ng"), reason="espeak-ng is not installed")
@pytest.mark.django_db
@pytest.mark.parametrize("language", ["cs", "en"])
@pytest.mark.parametrize(("challenge", "response"), [SUM, ("ABCEH", "abceh")])
def test_letters_and_questions_are_read_aloud_in_both_languages(
    client: Client, language: str, challenge: str, response: str
) -> None:
    client.cookies["crs_language"] = language
    answer = client.get(f"/captcha/{asked(challenge, response)}.wav")
    with wave.open(BytesIO(answer.content)) as heard:
        assert 1 < heard.getnframes() / heard.getframerate() < 10


@pytest.mark.django_db
def test_a_browser_may_fetch_the_sound_in_pieces(client: Client, voice: Path) -> None:
    url = f"/captcha/{asked()}.wav"
    whole = client.get(url)
    length = len(whole.content)
    assert (whole.status_code, whole.headers["Accept-Ranges"]) == (200, "bytes")
    assert whole.content.startswith(b"RIFF")
    start = client.get(url, headers={"range": "bytes=0-1"})
    assert (start.status_code, start.content) == (206, b"RI")
    assert start.headers["Content-Range"] == f"bytes 0-1/{length}"
    rest = client.get(url, headers={"range": "bytes=2-"})
    assert rest.content == whole.content[2:]
    for nonsense in ("bytes=a-b", "bytes=5-2", "bytes=-", f"bytes={length}-", "lines=1-2", "bytes=0-1,4-5", "bytes=²-"):
        assert client.get(url, headers={"range": nonsense}).content == whole.content


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["exit 1", "sleep 5"])
def test_a_voice_that_fails_or_hangs_holds_nobody_up(
    client: Client, voice: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(speech, "SECONDS_TO_SPEAK", 0.3)
    voice.write_text(voice.read_text().replace("\n:\n", f"\n{fault}\n"))
    assert client.get(f"/captcha/{asked()}.wav").status_code == 503
    voice.write_text(voice.read_text().replace(fault, ":"))
    assert client.get(f"/captcha/{asked()}.wav").status_code == 200


@pytest.mark.django_db
def test_a_voice_that_hangs_for_one_person_keeps_no_thread_from_others(
    client: Client, voice: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speech, "SECONDS_TO_SPEAK", 60)
    url, go_on = f"/captcha/{asked()}.wav", tmp_path / "go-on"
    hanging = f"touch {tmp_path}/began; until [ -e {go_on} ]; do sleep 0.1; done"
    voice.write_text(voice.read_text().replace("\n:\n", f"\n{hanging}\n"))
    with ThreadPoolExecutor() as threads:
        first = threads.submit(speech.speak, "three", language="en")
        while not (tmp_path / "began").exists() and not first.done():
            time.sleep(0.01)
        second = client.get(url)
        go_on.touch()
        assert first.result().startswith(b"RIFF")
    assert (second.status_code, second.headers["Retry-After"]) == (503, "3")
    assert client.get(url).status_code == 200
    with slow_work.places, slow_work.places, slow_work.places:  # taken by others who wait for papers
        assert client.get(url).status_code == 503
    assert client.get(url).status_code == 200


@pytest.mark.django_db
def test_where_no_voice_is_installed_the_page_offers_none(client: Client, settings: Settings) -> None:
    settings.CAPTCHA_ESPEAK_PATH = ""
    assert "<audio" not in page_of(client, "cs")
    assert client.get(f"/captcha/{asked()}.wav").status_code == 404
    settings.CAPTCHA_ESPEAK_PATH = "/usr/bin/espeak-ng"
    for kind in ("picture", "words"):
        assert "<audio" in page_of(client, "cs", kind)
