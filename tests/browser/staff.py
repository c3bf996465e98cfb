"""Members of staff at a browser: how they log in."""

from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page

from crs.accounts import second_factor
from crs.secrets import secret
from tests.browser.portal import Portal


def log_in_as(page: Page, portal: Portal, name: str, *, then: str = "/personal/") -> None:
    """Log the demonstration's login `name` in with password and code, and open the page `then`.

    A code works once: a second log-in of the same name within half a minute would be refused.
    """
    page.goto(f"{portal.url}/personal/prihlaseni/?next={then}")
    page.locator("#id_name").fill(name)
    page.locator("#id_password").fill(secret("DEMO_PASSWORD"))
    page.locator("main form button[type=submit]").click()
    page.locator("#id_code").fill(code_of(secret("DEMO_TOTP_KEY")))
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(f"**{then}")


def code_of(key: str) -> str:
    """What an app with the key (hex) shows now."""
    device = second_factor.unsaved_device(user=User(), key=key)
    return second_factor.current_code(device, at=timezone.now())
