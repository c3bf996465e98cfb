"""Members of staff at a browser: how they log in."""

import time
from datetime import UTC, datetime

from django.contrib.auth.models import User
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Page

from crs.accounts import second_factor
from crs.secrets import secret
from tests.browser.portal import Portal

LAST_STEP = """
SELECT d.last_t FROM otp_totp_totpdevice d JOIN auth_user u ON u.id = d.user_id WHERE u.username = %s AND d.confirmed
"""


def log_in_as(page: Page, portal: Portal, name: str, *, then: str = "/personal/") -> None:
    """Log the demonstration's login `name` in with password and code, and open the page `then`."""
    page.goto(f"{portal.url}/personal/prihlaseni/?next={then}")
    page.locator("#id_name").fill(name)
    page.locator("#id_password").fill(secret("DEMO_PASSWORD"))
    page.locator("main form button[type=submit]").click()
    page.locator("#id_code").fill(_unused_code(portal, name))
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"**{then}")


def code_of(key: str, *, at: datetime | None = None) -> str:
    """What an app with the key (hex) shows now, or at that moment."""
    device = second_factor.unsaved_device(user=User(), key=key)
    return second_factor.current_code(device, at=at or timezone.now())


def _unused_code(portal: Portal, name: str) -> str:
    """A code that still works: each works once, and two tests may log the same name in within half a minute.

    The server takes the code of the next half minute too, because clocks differ, so waiting is rare.
    """
    seconds, tolerance = TOTPDevice().step, TOTPDevice().tolerance
    (last,) = portal.row(LAST_STEP, [name])
    while last + 1 > time.time() // seconds + tolerance:
        time.sleep(0.5)
    unused = max(last + 1, time.time() // seconds)
    return code_of(secret("DEMO_TOTP_KEY"), at=datetime.fromtimestamp(unused * seconds, tz=UTC))
