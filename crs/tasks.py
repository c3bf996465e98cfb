"""Background work of floor 0: the sign of life of the workers, and tidying up."""

from captcha.models import CaptchaStore
from celery import shared_task
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.utils import timezone

from crs import sent_forms, tries

HEARTBEAT_KEY = "worker-heartbeat"
HEARTBEAT_SECONDS = 60


@shared_task(name="crs.heartbeat")
def heartbeat() -> None:
    """Tell `/readyz` that a worker takes tasks; beat calls it four times a minute."""
    cache.set(HEARTBEAT_KEY, timezone.now().isoformat(), HEARTBEAT_SECONDS)


@shared_task(name="crs.forget_sessions")
def forget_sessions() -> None:
    """Delete the sessions that ran out; nobody else does."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


@shared_task(name="crs.forget_captchas")
def forget_captchas() -> None:
    """Delete the challenges that ran out; most pages with a captcha are left without an answer."""
    CaptchaStore.remove_expired()


@shared_task(name="crs.forget_sent_forms")
def forget_sent_forms() -> None:
    """Delete the keys of forms that nobody sends again."""
    sent_forms.forget_old(now=timezone.now())


@shared_task(name="crs.forget_tries")
def forget_tries() -> None:
    """Delete the counts of tries that mean nothing any more."""
    tries.forget_old(now=timezone.now())
