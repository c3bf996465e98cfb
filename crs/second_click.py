"""What the first of two clicks on a form with a captcha has led to, for the second one.

The browser throws the answer to the first click away, cookie and all, and the captcha is used up:
the second click must be answered as the first was, and cannot be checked again. The very same form
tells them, for the captcha's random key is in it and nobody else has that.
"""

import time
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest

from crs.captcha import SECOND_CLICK_SECONDS
from crs.keyed_hash import keyed_hash

SECONDS_TO_ANSWER = 2
SECONDS_BETWEEN_LOOKS = 0.05


class Click:
    """A form as it was sent: its captcha and what was typed into the fields `names`."""

    def __init__(self, request: HttpRequest, *names: str) -> None:
        typed = (request.POST.get(name, "") for name in ("captcha_0", "captcha_1", *names))
        self._key = "click:" + keyed_hash("click", request.path, *typed)

    def leads_to(self, outcome: Any) -> None:
        """Remember for two minutes what the click led to; only after its captcha was found right."""
        cache.set(self._key, outcome, SECOND_CLICK_SECONDS)

    def led_to(self) -> Any | None:
        """What the first click led to; waits for it at most two seconds, then None."""
        for _look in range(round(SECONDS_TO_ANSWER / SECONDS_BETWEEN_LOOKS)):
            outcome = cache.get(self._key)
            if outcome is not None:
                return outcome
            time.sleep(SECONDS_BETWEEN_LOOKS)
        return None
