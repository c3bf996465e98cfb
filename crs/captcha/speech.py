"""Reads a challenge of the captcha aloud, for people who do not see the picture."""

import subprocess
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from threading import Lock

from django.conf import settings

from crs.slow_work import NoPlace, place

# Words in a minute: slow, for it may be heard once in a telephone's loudspeaker.
SPEED = 120
SECONDS_TO_SPEAK = 5
# A dozen readings: a person who meets others waits for them, and not for a voice that hangs.
SECONDS_FOR_THE_VOICE = 0.5

_one_at_a_time = Lock()


class CannotSpeak(Exception):
    """Too many wait for the voice, or it did not come."""


def speak(text: str, *, language: str) -> bytes:
    """A WAV file of `text` in a language of ours, made by espeak-ng, one at a time in a process. Raises CannotSpeak."""
    command = [settings.CAPTCHA_ESPEAK_PATH, "-v", language, "-s", str(SPEED), "--stdin", "--stdout"]
    try:
        with place(), _voice():
            spoken = subprocess.run(
                command, input=text.encode(), stdout=subprocess.PIPE, check=True, timeout=SECONDS_TO_SPEAK
            ).stdout
    except (NoPlace, OSError, subprocess.SubprocessError) as error:
        raise CannotSpeak from error
    return _with_its_length(spoken)


@contextmanager
def _voice() -> Iterator[None]:
    if not _one_at_a_time.acquire(timeout=SECONDS_FOR_THE_VOICE):
        raise CannotSpeak
    try:
        yield
    finally:
        _one_at_a_time.release()


def _with_its_length(spoken: bytes) -> bytes:
    """The file with its true length: espeak-ng writes to a pipe that it lasts for ever, and players would show that."""
    whole = BytesIO()
    with wave.open(BytesIO(spoken)) as source, wave.open(whole, "wb") as copy:
        copy.setparams(source.getparams())
        copy.writeframes(source.readframes(len(spoken)))
    return whole.getvalue()
