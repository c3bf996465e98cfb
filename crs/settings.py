"""The settings of CRS: one file, everything that differs between places from the environment.

README.md, 'Configuration', lists the variables. A local run (no `DATABASE_URL`) needs none of them.
"""

import shutil
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import django_stubs_ext
import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from crs import embedded
from crs.embedded.paths import ROOT
from crs.secrets import secret

# Lets typed code write `ModelAdmin[Slot]` at run time too.
django_stubs_ext.monkeypatch()

env = environ.Env()

BASE_DIR = ROOT
# A run on the embedded servers: first steps, tests, a small pilot on one machine without TLS.
IS_LOCAL = embedded.is_embedded_database()

# --- who we are -------------------------------------------------------------------------------

DEBUG = env.bool("CRS_DEVELOPMENT", default=False)
SECRET_KEY = secret("SECRET_KEY")
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# How people reach the portal from outside; stands in messages, so it never comes from a request.
PUBLIC_URL: str = env.str("PUBLIC_URL", default="http://localhost:8000").rstrip("/")

INSTALLED_APPS = [
    "crs",
    "crs.messaging",
    "logistics",
    "registration",
    "reservation",
    "pgtrigger",
    "pghistory",
    "captcha",
    "phonenumber_field",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "crs.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "crs.middleware.probes",
    "crs.middleware.database_outage",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "crs.middleware.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "crs.middleware.language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "crs.middleware.staff_idle_end",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "crs.middleware.staff_history",
    "crs.middleware.domain_errors",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "crs.urls"
WSGI_APPLICATION = "crs.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crs.context.portal",
            ],
        },
    },
]

# --- servers ----------------------------------------------------------------------------------

DATABASE_URL: str = env.str("DATABASE_URL", default=embedded.database_url())
REDIS_URL: str = env.str("REDIS_URL", default=embedded.redis_url())

_database = env.db_url_config(DATABASE_URL)
DATABASES = {
    "default": {
        **_database,
        "HOST": unquote(_database["HOST"]),  # a socket's folder stands percent-encoded in the URL
        # A connection that died with a restarted server is found before it is used, not by a person.
        "CONN_HEALTH_CHECKS": True,
        # More than about 8 connections for 2 cores never helped (docs/performance.md); requests queue for one.
        "OPTIONS": {
            "pool": {
                "min_size": 1,
                "max_size": env.int("DATABASE_POOL_SIZE", default=4),
                # A person rather reads "try again in a moment" than looks at a page that does not come.
                "timeout": 8,
            },
        },
    },
}

CACHES = {
    "default": {
        "BACKEND": "crs.cache.Cache",
        "LOCATION": REDIS_URL.replace("?db=0", "?db=1") if embedded.is_embedded_redis() else REDIS_URL,
        "KEY_PREFIX": env.str("CACHE_PREFIX", default="crs"),
        "OPTIONS": {"socket_timeout": 5},
    },
}

SESSION_ENGINE = "django.contrib.sessions.backends.cache"
SESSION_COOKIE_AGE = int(timedelta(hours=2).total_seconds())
SESSION_COOKIE_NAME = "crs_session"
# In the session, not in a signed cookie of their own: one look-up less, and nothing about a person travels.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- work that may wait -----------------------------------------------------------------------

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="")
if not CELERY_BROKER_URL:
    # kombu spells a Unix socket differently from redis-py
    CELERY_BROKER_URL = (
        f"redis+socket://{embedded.paths.valkey_socket()}" if embedded.is_embedded_redis() else REDIS_URL
    )
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A worker waits for its broker when it starts. One that loses it later ends and is started again: Celery's way of
# connecting anew within a process leaves workers dead or deaf (docs/adr/0014-what-died-is-started-again.md).
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": f"{env.str('CACHE_PREFIX', default='crs')}:",
    # A request that finds the broker away goes on at once; kombu would try for six seconds, or for ever.
    "max_retries": 0,
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
}
CELERY_BEAT_SCHEDULER = "crs.beat.Scheduler"
CELERY_TIMEZONE = "Europe/Prague"
CELERY_TASK_ROUTES = {
    "messaging.prepare_email": {"queue": "pdf"},
    "messaging.deliver_sms": {"queue": "sms"},
    "messaging.deliver_email": {"queue": "email"},
}
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "heartbeat": {"task": "crs.heartbeat", "schedule": 15.0},
    "captchas-that-ran-out": {"task": "crs.forget_captchas", "schedule": crontab(minute="*/15")},
    "messages-left-behind": {"task": "messaging.sweep", "schedule": 30.0},
    "message-texts-that-served": {"task": "messaging.erase_old_texts", "schedule": crontab(hour="3", minute="10")},
    "used-up-verifications": {"task": "registration.forget_old_verifications", "schedule": crontab(minute="40")},
    "holds-that-ran-out": {"task": "reservation.release_expired_holds", "schedule": 20.0},
    "used-up-log-in-attempts": {
        "task": "reservation.forget_old_log_in_attempts",
        "schedule": crontab(hour="3", minute="50"),
    },
    "next-invitations": {"task": "reservation.issue_invitations", "schedule": 60.0},
}

# --- messages ---------------------------------------------------------------------------------

# Empty = the local inbox (/inbox/).
TWILIO_ACCOUNT_SID: str = env.str("TWILIO_ACCOUNT_SID", default="")
TWILIO_AUTH_TOKEN: str = secret("TWILIO_AUTH_TOKEN") if TWILIO_ACCOUNT_SID else ""
TWILIO_SENDER: str = env.str("TWILIO_SENDER", default="")
# The address of Twilio's API; another one only where a test stands at the far end of the wire.
TWILIO_API_URL: str = env.str("TWILIO_API_URL", default="")
SMS_PER_SECOND: int = env.int("SMS_PER_SECOND", default=20)
EMAIL_URL: str = env.str("EMAIL_URL", default="")
EMAIL_PER_SECOND: int = env.int("EMAIL_PER_SECOND", default=20)
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default="CRS <noreply@localhost>")
SMS_GATEWAY = (
    "crs.messaging.gateways.twilio.TwilioGateway" if TWILIO_ACCOUNT_SID else "crs.messaging.gateways.inbox.InboxGateway"
)
EMAIL_GATEWAY = "crs.messaging.gateways.smtp.SmtpGateway" if EMAIL_URL else "crs.messaging.gateways.inbox.InboxGateway"

# The local inbox shows PINs, so it is open only where nothing real is sent.
INBOX_IS_OPEN = env.bool("OPEN_INBOX", default=IS_LOCAL) and not TWILIO_ACCOUNT_SID and not EMAIL_URL

# --- secrets of people ------------------------------------------------------------------------

# Comma-separated: the first encrypts, all decrypt (rotation).
FIELD_ENCRYPTION_KEYS: list[str] = secret("FIELD_ENCRYPTION_KEY").split(",")
# Keyed hashes: of birth numbers for look-up, of PINs.
LOOKUP_KEY = secret("LOOKUP_KEY")

# --- limits -----------------------------------------------------------------------------------

# How many proxies of ours stand in front: that many addresses from the right of X-Forwarded-For are theirs.
TRUSTED_PROXIES: int = env.int("TRUSTED_PROXIES", default=0)
# Whole villages share an address behind a mobile operator's NAT, so the limits per address are wide.
PINS_PER_PHONE: str = env.str("PINS_PER_PHONE", default="5/15m")
PINS_PER_ADDRESS: str = env.str("PINS_PER_ADDRESS", default="300/h")
LOGINS_PER_ADDRESS: str = env.str("LOGINS_PER_ADDRESS", default="300/h")
STAFF_INVITATION_TRIES_PER_ADDRESS: str = env.str("STAFF_INVITATION_TRIES_PER_ADDRESS", default="60/h")
FORGOTTEN_PASSWORDS_PER_ADDRESS: str = env.str("FORGOTTEN_PASSWORDS_PER_ADDRESS", default="60/h")
# Persons from one proven telephone in any 24 hours: enough for a nurse of a care home, too few to send SMS to a town.
REGISTRATIONS_PER_PHONE: int = env.int("REGISTRATIONS_PER_PHONE", default=20)
# Each run of beat, once a minute, invites at most so many people.
INVITATIONS_PER_RUN: int = env.int("INVITATIONS_PER_RUN", default=500)
RATELIMIT_IP_META_KEY = "crs.client_address.of"
RATELIMIT_FAIL_OPEN = False

CAPTCHA_LENGTH = 5
CAPTCHA_TIMEOUT = 15  # minutes
CAPTCHA_FONT_SIZE = 44
CAPTCHA_LETTER_ROTATION = (-12, 12)
CAPTCHA_NOISE_FUNCTIONS = ("crs.captcha.light_noise",)
# Reads the letters aloud (in English); the question in words needs nothing installed.
CAPTCHA_FLITE_PATH = shutil.which("flite")

# --- language, time, looks ----------------------------------------------------------------------

LANGUAGE_CODE = "cs"
LANGUAGES = [("cs", _("Czech")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "crs_language"
LOCALE_PATHS = [BASE_DIR / "crs" / "locale"]
USE_I18N = True
TIME_ZONE = "Europe/Prague"
USE_TZ = True
PHONENUMBER_DEFAULT_REGION = "CZ"
PHONENUMBER_DB_FORMAT = "E164"

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "crs.staticfiles.NodeModulesFinder",
]
# Static path: file in node_modules/ (package-lock.json pins the versions). Only what pages use: no bundle.
_GOV = "@gov-design-system-ce"
NODE_MODULES_FILES = {
    **{f"gov/{name}.css": f"{_GOV}/styles/lib/{name}.css" for name in ("tokens", "styles")},
    **{
        f"gov/{name}.css": f"{_GOV}/styles/lib/html/components/gov-{name}.css"
        for name in ("button", "form-input", "form-select", "form-checkbox", "form-radio", "message", "wizard-item")
    },
    **{
        f"gov/icons/{name}.svg": f"{_GOV}/icons/lib/components/{icon}.svg"
        for name, icon in {
            "info": "info-circle-fill",
            "success": "check-circle-fill",
            "warning": "exclamation-triangle-fill",
            "check": "check-lg",
            "down": "chevron-down",
        }.items()
    },
    "gov/fonts/roboto.css": f"{_GOV}/fonts/lib/roboto.css",
    **{
        # roboto.css names them all; a browser fetches only those that a page uses.
        f"gov/fonts/roboto-{weight}{part}.woff2": f"{_GOV}/fonts/lib/roboto-{weight}{part}.woff2"
        for weight in (
            *("thin", "thin-italic", "light", "light-italic", "regular", "italic"),
            *("medium", "medium-italic", "bold", "bold-italic"),
        )
        for part in ("", "-ext")
    },
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- protection ---------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "style-src": [SELF],
        "script-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "media-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "crs.views.csrf_failure"
if not IS_LOCAL:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# The first one stops who guesses passwords; the second knows accounts by e-mail too.
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "crs.accounts.Accounts"]
LOGIN_URL = "logistics:log_in"
# A member of staff who asks for nothing so long is logged out.
STAFF_IDLE_MINUTES: int = env.int("STAFF_IDLE_MINUTES", default=20)
# Counted in the cache, which forgets by itself: five wrong passwords for a name from an address, then a pause.
AXES_HANDLER = "axes.handlers.cache.AxesCacheHandler"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "crs.client_address.of"
AXES_LOCKOUT_CALLABLE = "crs.accounts.locked_out"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
OTP_TOTP_ISSUER = "CRS"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"personal_numbers": {"()": "crs.logging.HidePersonalNumbers"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["personal_numbers"]}},
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
    },
}
