"""The settings of CRS: one file, everything that differs between places from the environment.

README.md, 'Configuration', lists the variables. A local run (no `DATABASE_URL`) needs none of them.
"""

import shutil
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import django_stubs_ext
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from crs import embedded, production
from crs.embedded.paths import ROOT
from crs.environment import Environment
from crs.secrets import secret
from crs.time_limits import PatientConnection, TimeLimits, of_this_process

# Lets typed code write `ModelAdmin[Slot]` at run time too.
django_stubs_ext.monkeypatch()

env = Environment()

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

# Whom to tell about a hole, as `mailto:…` or `https://…`; stands in /.well-known/security.txt.
SECURITY_CONTACT: str = env.str("SECURITY_CONTACT", default="")

# Who runs the portal; stands on its pages about data, accessibility and the operator (`crs/operator.py`).
OPERATOR_NAME: str = env.str("OPERATOR_NAME", default="")
# Lines parted by semicolons.
OPERATOR_ADDRESS: str = env.str("OPERATOR_ADDRESS", default="")
OPERATOR_COMPANY_NUMBER: str = env.str("OPERATOR_COMPANY_NUMBER", default="")
OPERATOR_EMAIL: str = env.str("OPERATOR_EMAIL", default="")
OPERATOR_DATA_BOX: str = env.str("OPERATOR_DATA_BOX", default="")
# Whom people ask about their data: an e-mail address.
DATA_PROTECTION_OFFICER: str = env.str("DATA_PROTECTION_OFFICER", default="")
# The long number of line 1221: a short one cannot be called from abroad.
HELP_LINE_ABROAD: str = env.str("HELP_LINE_ABROAD", default="+420 226 201 221" if IS_LOCAL else "")

INSTALLED_APPS = [
    "crs",
    "crs.messaging",
    "crs.accounts",
    "logistics",
    "registration",
    "reservation",
    "vaccination",
    "certificates",
    "support",
    "pgtrigger",
    "pghistory",
    "captcha",
    "phonenumber_field",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "crs.accounts.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "crs.middleware.head_as_get",
    "crs.middleware.probes",
    "crs.middleware.outages",
    "crs.middleware.content_security_policy",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "crs.middleware.Language",
    "django.middleware.common.CommonMiddleware",
    "crs.middleware.answerable",
    "crs.middleware.origin_that_the_browser_says",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "crs.accounts.middleware.idle_end",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "crs.accounts.middleware.authorship",
    "crs.middleware.domain_errors",
]

ROOT_URLCONF = "crs.urls"
WSGI_APPLICATION = "crs.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "crs.form_renderer.FormRenderer"

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
# Holds what must not be lost, the task queue; and what may be evicted, the cache. The embedded server holds both.
REDIS_URL: str = env.str("REDIS_URL", default=embedded.redis_url())
CACHE_URL: str = env.str(
    "CACHE_URL", default=REDIS_URL.replace("?db=0", "?db=1") if embedded.is_embedded_redis() else REDIS_URL
)

# `crs/wsgi.py` and `crs/celery.py` say what they are; each kind of process has its own patience.
_usual = of_this_process()
TIME_LIMITS = TimeLimits(
    statement=env.decimal_number("DATABASE_STATEMENT_TIMEOUT", default=_usual.statement),
    lock=env.decimal_number("DATABASE_LOCK_TIMEOUT", default=_usual.lock),
    idle_in_transaction=env.decimal_number("DATABASE_IDLE_TIMEOUT", default=_usual.idle_in_transaction),
    connection=_usual.connection,
    queue=_usual.queue,
)
# Longer than any statement may take, so that the server's own refusal comes first wherever it can.
_longest_statement = TIME_LIMITS.statement or _usual.statement
DATABASE_SILENCE: float | None = _longest_statement + 1 if _longest_statement else None

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
                "max_size": env.whole_number("DATABASE_POOL_SIZE", default=4),
                # A person rather reads "try again in a moment" than looks at a page that does not come.
                "timeout": TIME_LIMITS.connection,
                # Then the next request tries anew; the pool's own pauses double up to minutes.
                "reconnect_timeout": 5,
                "connection_class": PatientConnection,
            },
            "connect_timeout": 5,
            # What is asked again and again is planned once in a session (crs.plain_sql.planned_cursor). A PgBouncer
            # that does not know prepared statements wants it off; the number only says that it is on.
            "prepare_threshold": 5 if env.bool("DATABASE_PREPARES", default=True) else None,
            **_database.get("OPTIONS", {}),  # of the URL: `?sslmode=verify-full`
            **({"options": TIME_LIMITS.database_options()} if TIME_LIMITS.database_options() else {}),
        },
    },
}

CACHES = {
    "default": {
        "BACKEND": "crs.cache.Cache",
        "LOCATION": CACHE_URL,
        "KEY_PREFIX": env.str("CACHE_PREFIX", default="crs"),
        # Another shape of the values, another number: what an earlier release left there is not read.
        "VERSION": 2,
        "OPTIONS": {
            "serializer": "crs.cache.JsonSerializer",
            # It is there to save time; a page does without rather than wait.
            "socket_connect_timeout": 0.25,
            "socket_timeout": 0.25,
        },
    },
}

SESSION_ENGINE = "crs.sessions"
SESSION_COOKIE_AGE = int(timedelta(hours=2).total_seconds())
SESSION_COOKIE_NAME = "crs_session"
MESSAGE_STORAGE = "crs.sessions.LatestMessages"

# --- work that may wait -----------------------------------------------------------------------

# kombu spells a Unix socket differently from redis-py
CELERY_BROKER_URL = f"redis+socket://{embedded.paths.valkey_socket()}" if embedded.is_embedded_redis() else REDIS_URL
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
    "socket_connect_timeout": TIME_LIMITS.queue,
    "socket_timeout": TIME_LIMITS.queue,
}
CELERY_BEAT_SCHEDULER = "crs.processes.beat.Scheduler"
CELERY_TIMEZONE = "Europe/Prague"
CELERY_TASK_ROUTES = {
    "messaging.prepare_emails": {"queue": "pdf"},
    "messaging.deliver_sms": {"queue": "sms"},
    "messaging.deliver_email": {"queue": "email"},
    # The worker of this queue is the one that reaches mail servers.
    "support.fetch_mail": {"queue": "email"},
    # A register that is slow holds up nobody's messages, and only this worker knows the tokens.
    "registration.check_with_registers": {"queue": "registers"},
}
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "heartbeat": {"task": "crs.heartbeat", "schedule": 15.0},
    "sessions-that-ended": {"task": "crs.forget_sessions", "schedule": crontab(minute="5-59/15")},
    "captchas-that-ran-out": {"task": "crs.forget_captchas", "schedule": crontab(minute="*/15")},
    "forms-sent-long-ago": {"task": "crs.forget_sent_forms", "schedule": crontab(hour="3", minute="30")},
    "tries-that-count-no-more": {"task": "crs.forget_tries", "schedule": crontab(minute="35")},
    "messages-left-behind": {"task": "messaging.sweep", "schedule": 30.0},
    "message-texts-that-served": {"task": "messaging.erase_old_texts", "schedule": crontab(hour="3", minute="10")},
    "letters-of-the-day": {"task": "messaging.gather_letters", "schedule": crontab(hour="5", minute="0")},
    # A code is sent at once; this is for those whose task was lost.
    "reset-codes-left-behind": {"task": "accounts.send_reset_codes", "schedule": 60.0},
    "networks-and-reset-codes-of-long-ago": {"task": "accounts.forget_old", "schedule": crontab(minute="25")},
    "reports-without-a-message": {"task": "messaging.forget_old_reports", "schedule": crontab(hour="3", minute="20")},
    "used-up-verifications": {"task": "registration.forget_old_verifications", "schedule": crontab(minute="40")},
    "openings-that-people-wait-for": {"task": "registration.send_opening_reminders", "schedule": 60.0},
    "opening-reminders-that-served": {
        "task": "registration.forget_opening_reminders",
        "schedule": crontab(hour="4", minute="10"),
    },
    # Whoever registers wakes the task at once; this is for what was left behind, and for registers that were away.
    "registrations-to-check": {"task": "registration.check_with_registers", "schedule": 60.0},
    # Lists of sites and the public report are so old at most, and what a run takes.
    "seats-that-changed": {"task": "reservation.fold_seats", "schedule": 5.0},
    # An answer asks the next substitutes at once; this is for those who are silent.
    "substitutes-to-ask": {"task": "reservation.ask_substitutes", "schedule": 20.0},
    "holds-that-ran-out": {"task": "reservation.release_expired_holds", "schedule": 20.0},
    "keys-of-certificates": {"task": "certificates.look_after_keys", "schedule": crontab(hour="7", minute="15")},
    # A dose wakes the task at once; this is for what was left behind.
    "certificates-due": {"task": "certificates.issue_pending", "schedule": 60.0},
    "certificates-without-a-code": {"task": "certificates.retry_blocked", "schedule": crontab(minute="7-59/10")},
    "passwords-that-served": {"task": "certificates.forget_passwords", "schedule": crontab(minute="*/10")},
    "revocations-to-publish": {"task": "certificates.publish_revocations", "schedule": crontab(minute="*/5")},
    "revocations-that-expired": {"task": "certificates.delete_revocations", "schedule": crontab(hour="3", minute="40")},
    "letters-in-mailboxes": {"task": "support.fetch_mail", "schedule": 60.0},
    # A letter is filed as it comes; this is for what was left behind.
    "letters-to-file": {"task": "support.file_received", "schedule": 60.0},
    # Whoever changes a known problem publishes it at once; this is for a cache that was away, and for the delays.
    "known-problems-and-the-state": {"task": "support.publish_incidents", "schedule": 30.0},
    "shared-answers-left-behind": {"task": "support.answer_linked", "schedule": 60.0},
    "tickets-resolved-a-week-ago": {"task": "support.close_resolved", "schedule": crontab(minute="50")},
    "closings-of-tickets": {"task": "support.send_closings", "schedule": crontab(minute="*/10")},
    "letters-over-their-time": {"task": "support.erase_letters", "schedule": crontab(hour="3", minute="50")},
    # Whoever closes a site sets the task going at once; this is for what was left behind.
    "closures-left-behind": {"task": "reservation.finish_closures", "schedule": 60.0},
    # A coordinator sets the task going at once; this is for what was left behind.
    "replans-left-behind": {"task": "reservation.replan", "schedule": 60.0},
    "bookings-outside-an-interval": {"task": "reservation.check_intervals", "schedule": crontab(hour="6", minute="5")},
    # The day before each dose, while people are awake; a run that died is gone on with by the next one.
    "doses-of-tomorrow": {"task": "reservation.remind", "schedule": crontab(minute="*/10", hour="9-17")},
    "personal-links-of-long-ago": {"task": "reservation.forget_links", "schedule": crontab(hour="4", minute="20")},
    "people-who-wait": {"task": "reservation.count_waiting", "schedule": crontab(minute="3-59/10")},
    # Whoever changes a rule or a closure generates its site at once; this adds the next day, and what was left behind.
    "times-of-the-days-ahead": {"task": "reservation.generate_slots", "schedule": crontab(hour="1", minute="30")},
    "times-that-need-vaccine": {"task": "reservation.generate_tied_slots", "schedule": crontab(minute="20")},
    # What becomes free wakes the task at once; this is for what was left behind, and for the end of the night.
    "seats-for-the-waiting-list": {"task": "reservation.offer_seats", "schedule": crontab()},
    "pin2-that-ends-soon": {"task": "reservation.remind_of_pin2", "schedule": crontab(minute="*/10")},
    # At 20:00 PIN2s end: whoever left the third one unused is told so in the morning.
    "pin2-that-nobody-uses": {"task": "reservation.pause_invitations", "schedule": crontab(minute="5-59/10")},
    # At whole minutes, as rules begin: people whose turn comes at 8:00 are invited at 8:00.
    "next-invitations": {"task": "reservation.invite", "schedule": crontab()},
}

# --- messages ---------------------------------------------------------------------------------

# Empty = the local inbox (/inbox/).
TWILIO_ACCOUNT_SID: str = env.str("TWILIO_ACCOUNT_SID", default="")
TWILIO_AUTH_TOKEN: str = secret("TWILIO_AUTH_TOKEN") if TWILIO_ACCOUNT_SID else ""
TWILIO_SENDER: str = env.str("TWILIO_SENDER", default="")
# The address of Twilio's API; another one only where a test stands at the far end of the wire.
TWILIO_API_URL: str = env.str("TWILIO_API_URL", default="")
SMS_PER_SECOND: int = env.whole_number("SMS_PER_SECOND", default=20)
EMAIL_URL: str = env.str("EMAIL_URL", default="")
EMAIL_PER_SECOND: int = env.whole_number("EMAIL_PER_SECOND", default=20)
# After so many seconds nobody waits for a paper any longer (crs/pdf/rendering.py).
PAPER_SECONDS: float = env.decimal_number("PAPER_SECONDS", default=20)
# Stands on letters, lines parted by semicolons: who sends them, and where the post brings back what it cannot deliver.
LETTER_SENDER: str = env.str(
    "LETTER_SENDER", default="Centrální rezervační systém očkování;Palackého náměstí 375/4;128 01 Praha 2"
)
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default="CRS <noreply@localhost>")
SMS_GATEWAY = (
    "crs.messaging.gateways.twilio.TwilioGateway" if TWILIO_ACCOUNT_SID else "crs.messaging.gateways.inbox.InboxGateway"
)
EMAIL_GATEWAY = "crs.messaging.gateways.smtp.SmtpGateway" if EMAIL_URL else "crs.messaging.gateways.inbox.InboxGateway"

# The local inbox shows PINs, so it is open only where nothing real is sent.
INBOX_IS_OPEN = env.bool("OPEN_INBOX", default=IS_LOCAL) and not TWILIO_ACCOUNT_SID and not EMAIL_URL

# --- secrets of people ------------------------------------------------------------------------

# Comma-separated: the first encrypts, all decrypt (rotation).
FIELD_ENCRYPTION_KEYS: list[str] = [key.strip() for key in secret("FIELD_ENCRYPTION_KEY").split(",")]
# Keyed hashes: of birth numbers for look-up, of PINs.
LOOKUP_KEY = secret("LOOKUP_KEY")

# A process that speaks to the outside world and never signs is not shown what opens the signing keys.
SIGNS_CERTIFICATES: bool = env.bool("SIGNS_CERTIFICATES", default=True)
# Comma-separated, as above: the keys under which the private keys of certificates are encrypted.
SIGNING_KEY_ENCRYPTION_KEYS: list[str] = (
    [key.strip() for key in secret("SIGNING_KEY_ENCRYPTION_KEY").split(",")] if SIGNS_CERTIFICATES else []
)
# Who else keeps private keys, such as an HSM: `name=dotted.path` of a callable that makes a signer of a certificate.
SIGNER_BACKENDS: dict[str, str] = env.dict("SIGNER_BACKENDS", default={})

# --- registers of the state -------------------------------------------------------------------

# Empty: nothing is checked; "local": the tables that `import_insured` and `import_health_workers` fill; else an https
# address (docs/registers.md).
INSURERS_REGISTER: str = env.str("INSURERS_REGISTER", default="")
HEALTH_WORKERS_REGISTER: str = env.str("HEALTH_WORKERS_REGISTER", default="")
# Shown to the worker that asks, and to no other process.
INSURERS_REGISTER_TOKEN: str = env.str("INSURERS_REGISTER_TOKEN", default="")
HEALTH_WORKERS_REGISTER_TOKEN: str = env.str("HEALTH_WORKERS_REGISTER_TOKEN", default="")
# A file of certificates that the registers' servers are trusted by; empty: the authorities that everybody trusts.
REGISTERS_CA_FILE: str = env.str("REGISTERS_CA_FILE", default="")

# --- support ------------------------------------------------------------------------------------

# To these addresses people write, and from them they are answered; one for each desk (support.models.Desk).
SUPPORT_ADDRESSES: dict[str, str] = {
    "SITES": env.str("SITES_DESK_ADDRESS", default="podpora@localhost"),
    "LINE": env.str("LINE_DESK_ADDRESS", default="1221@localhost"),
}
# Mailboxes that are fetched, such as imaps://user:password@host/INBOX; empty: letters come to `receive_mail`.
SUPPORT_MAILBOXES: dict[str, str] = {
    "SITES": env.str("SITES_DESK_MAILBOX", default=""),
    "LINE": env.str("LINE_DESK_MAILBOX", default=""),
}
# Where `receive_mail` listens: lmtp://host:port or smtp://host:port.
SUPPORT_LISTENER: str = env.str("SUPPORT_LISTENER", default="lmtp://127.0.0.1:2424")
# A longer letter is refused, so that its sender knows: 25 MB of files, as they travel.
LARGEST_LETTER = 36 * 1024 * 1024
# After so many automatic letters an hour to one address it gets no more of them; its letters are all kept.
RECEIPTS_PER_ADDRESS_AND_HOUR: int = env.whole_number("RECEIPTS_PER_ADDRESS_AND_HOUR", default=5)

# --- certificates -----------------------------------------------------------------------------

# Who issues them: in the claims, and as real Czech codes name the issuer.
CERTIFICATE_COUNTRY = "CZ"
CERTIFICATE_ISSUER: str = env.str("CERTIFICATE_ISSUER", default="Ministry of Health of the Czech Republic")
# A certificate expires so many days after it was issued, never later than its signer.
CERTIFICATE_DAYS: int = env.whole_number("CERTIFICATE_DAYS", default=365)
# More requests of one issuer in one hour are held until the ministry looks at them; a nurse gives some fifty doses.
CERTIFICATES_PER_ISSUER_AND_HOUR: int = env.whole_number("CERTIFICATES_PER_ISSUER_AND_HOUR", default=120)
# Older lists of other states' signers and revocations are called old where a certificate is checked.
CERTIFICATE_LISTS_HOURS: int = env.whole_number("CERTIFICATE_LISTS_HOURS", default=48)
CHECKS_PER_ADDRESS: str = env.str("CHECKS_PER_ADDRESS", default="600/h")
# Files that we have to open, which costs us a second or more each.
FILE_CHECKS_PER_ADDRESS: str = env.str("FILE_CHECKS_PER_ADDRESS", default="120/h")
# After so many seconds nobody waits any longer for a code to be found in a file (certificates/checking/reading.py).
FILE_CHECK_SECONDS: float = env.decimal_number("FILE_CHECK_SECONDS", default=12)
# Checks by evidence number and date of birth, which somebody could guess.
EVIDENCE_CHECKS_PER_ADDRESS: str = env.str("EVIDENCE_CHECKS_PER_ADDRESS", default="30/h")
# Wrong dates of birth with one number, by whomever; a right one is not counted.
EVIDENCE_CHECKS_PER_NUMBER: str = env.str("EVIDENCE_CHECKS_PER_NUMBER", default="10/h")

# --- limits -----------------------------------------------------------------------------------

# How many proxies of ours stand in front: that many addresses from the right of X-Forwarded-For are theirs.
TRUSTED_PROXIES: int = env.whole_number("TRUSTED_PROXIES", default=0)
# Whole villages share an address behind a mobile operator's NAT, so the limits per address are wide.
PINS_PER_ADDRESS: str = env.str("PINS_PER_ADDRESS", default="300/h")
# ISO codes: Czechia, its neighbours, and the countries with the most citizens living here (docs/adr/0016-sms-abuse.md).
SMS_COUNTRIES: list[str] = env.list(
    "SMS_COUNTRIES", default=["CZ", "SK", "PL", "DE", "AT", "UA", "VN", "RU", "BG", "RO", "HU", "MN"]
)
# The caps on PINs by SMS (registration/telephones/sms_caps.py): one or more rates each, none over 24 hours.
PINS_PER_PHONE: str = env.str("PINS_PER_PHONE", default="5/15m,10/d")
# A thousand neighbouring numbers, which is what a box of SIM cards or a hospital has.
PINS_PER_PREFIX: str = env.str("PINS_PER_PREFIX", default="100/h")
# Each code of a country but our own.
PINS_PER_COUNTRY: str = env.str("PINS_PER_COUNTRY", default="200/h,1000/d")
# Twice in one hour what all of 15 January 2021 registered: it stops a bill, never the nation.
PINS_IN_TOTAL: str = env.str("PINS_IN_TOTAL", default="150000/h,400000/d")
# The address that gets an e-mail when a cap is reached or signing keys end; empty = nobody, the log tells it anyway.
ALARM_EMAIL: str = env.str("ALARM_EMAIL", default="")
LOGINS_PER_ADDRESS: str = env.str("LOGINS_PER_ADDRESS", default="300/h")
STAFF_INVITATION_TRIES_PER_ADDRESS: str = env.str("STAFF_INVITATION_TRIES_PER_ADDRESS", default="60/h")
CODE_KEY_TRIES_PER_ADDRESS: str = env.str("CODE_KEY_TRIES_PER_ADDRESS", default="60/h")
FORGOTTEN_PASSWORDS_PER_ADDRESS: str = env.str("FORGOTTEN_PASSWORDS_PER_ADDRESS", default="60/h")
# Persons from one proven telephone in any 24 hours: enough for a nurse of a care home, too few to send SMS to a town.
REGISTRATIONS_PER_PHONE: int = env.whole_number("REGISTRATIONS_PER_PHONE", default=20)
# Opening rules make slots so many days ahead; also how far ahead people can book.
CALENDAR_DAYS_AHEAD: int = env.whole_number("CALENDAR_DAYS_AHEAD", default=90)
# Between these hours of Prague a site calls people who agreed to come for doses that are left.
SUBSTITUTE_HOURS: tuple[int, int] = (
    env.whole_number("SUBSTITUTES_FROM_HOUR", default=8),
    env.whole_number("SUBSTITUTES_UNTIL_HOUR", default=22),
)
# Each run of beat, once a minute, invites at most so many people.
INVITATIONS_PER_RUN: int = env.whole_number("INVITATIONS_PER_RUN", default=500)
# To so many people on the waiting list a run offers a time at most.
OFFERS_PER_RUN: int = env.whole_number("OFFERS_PER_RUN", default=200)
# So many hours they have to answer, where the time itself is not sooner.
OFFER_HOURS: int = env.whole_number("OFFER_HOURS", default=24)
# PIN2 is valid for so many days, and until the evening of the next working day where the last one is a day off.
# A letter is printed on a working day and is some days on its way.
PIN2_DAYS: int = env.whole_number("PIN2_DAYS", default=14)
PIN2_DAYS_BY_LETTER: int = env.whole_number("PIN2_DAYS_BY_LETTER", default=21)
# So many days before the end of an unused PIN2 the person is reminded.
PIN2_REMINDER_DAYS: int = env.whole_number("PIN2_REMINDER_DAYS", default=3)
# Of a request: the web process refuses a larger one before it reads it, and so does deploy/nginx/nginx.conf.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# A list of the admin sends three for each of its hundred rows.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
# No page takes a file but the one where a certificate is checked, and that one keeps it in memory (crs/uploads.py).
DATA_UPLOAD_MAX_NUMBER_FILES = 10
FILE_UPLOAD_HANDLERS = ["crs.uploads.NoFiles"]
# A photograph of a telephone, or the files of a message, and the rest of its form; the same in deploy/nginx/nginx.conf.
LARGER_BODIES = dict.fromkeys(("/overeni/soubor/", "/podpora/odpoved/", "/podpora/mista/zprava/"), 13 * 1024 * 1024)
RATELIMIT_IP_META_KEY = "crs.client_address.network_of"
# Without the cache citizens' limits per address let pass; all other limits are counted in the database.
RATELIMIT_FAIL_OPEN = True

CAPTCHA_LENGTH = 5
CAPTCHA_TIMEOUT = 15  # minutes
CAPTCHA_FONT_SIZE = 44
CAPTCHA_LETTER_ROTATION = (-12, 12)
# Reads letters and questions aloud, in Czech and English; where it is not installed, the pages offer no sound.
CAPTCHA_ESPEAK_PATH: str = shutil.which("espeak-ng") or ""

# --- language, time, looks ----------------------------------------------------------------------

LANGUAGE_CODE = "cs"
LANGUAGES = [("cs", _("Czech")), ("en", _("English")), ("uk", _("Ukrainian")), ("vi", _("Vietnamese"))]
# Pages of staff are in these alone.
STAFF_LANGUAGES = ("cs", "en")
# The files whose texts citizens read, on pages, in messages and on papers: these are translated into every language,
# all others into Czech. The last pattern that fits decides; "!" takes out. Of `models` only the choices.
CITIZENS_TEXTS = (
    "templates/*.html",
    "!templates/*/*",
    "!templates/403_csrf_staff.html",
    "templates/captcha/*",
    "templates/crs/*",
    "templates/django/*",
    "crs/errors.py",
    "crs/captcha/*",
    "crs/typed.py",
    "crs/typed_moment.py",
    "crs/messaging/letter_paper.py",
    "crs/messaging/outbox.py",
    "crs/pdf/errors.py",
    "crs/templatetags/*",
    *(
        f"{root}registration/{subject}/*"
        for subject in ("applying", "mine", "telephones")
        for root in ("", "templates/")
    ),
    "registration/people/*",
    "registration/progress.py",
    "registration/*errors.py",
    "registration/groups/eligibility.py",
    "registration/groups/open_now.py",
    "registration/groups/reminders.py",
    "registration/groups/order.py",
    "registration/models/people.py",
    "registration/models/registrations.py",
    "templates/registration/messages/*",
    "!templates/registration/messages/sms_cap.*",
    "reservation/*",
    "!reservation/admin.py",
    "!reservation/operations.py",
    "!reservation/permissions.py",
    "!reservation/apps.py",
    "!reservation/models/*",
    "reservation/models/reservations.py",
    "!reservation/slots/*",
    "templates/reservation/*",
    *(
        f"!{root}reservation/{subject}/*"
        for subject in ("audit", "opening", "closing", "affected", "coverage", "replanning", "site_calendar")
        for root in ("", "templates/")
    ),
    "reservation/replanning/answers.py",
    "reservation/replanning/errors.py",
    "reservation/replanning/replan_messages.py",
    "!reservation/replay/*",
    *(f"!reservation/{subject}/{part}.py" for subject in ("inviting", "moving") for part in ("desk_section", "views")),
    "!templates/reservation/inviting/*",
    "!templates/reservation/moving/*",
    "templates/reservation/moving/parts/change.html",
    "templates/reservation/moving/parts/times.html",
    "!reservation/waiting/desk_section.py",
    "!templates/reservation/postponing/of_person.html",
    "!templates/reservation/postponing/preview.html",
    "!templates/reservation/parts/staff_log_in_advice.html",
    "!reservation/substitutes/views.py",
    "!reservation/substitutes/call_form.py",
    "!reservation/substitutes/desk_section.py",
    "!templates/reservation/substitutes/*",
    "logistics/models/sites.py",
    "logistics/sites/*",
    "!logistics/sites/admin.py",
    "!logistics/sites/forms.py",
    "templates/logistics/sites/*",
    "!templates/logistics/sites/admin_state.html",
    "vaccination/questions/*",
    "!vaccination/questions/admin.py",
    "templates/vaccination/questions/home.html",
    "templates/vaccination/questions/parts/*",
    "certificates/checking/*",
    "templates/certificates/checking/*",
    "templates/certificates/messages/*",
    "!templates/certificates/messages/burst.*",
    "!templates/certificates/messages/signing_keys.*",
    "support/incidents/state_page.py",
    "support/incidents/banner.py",
    "templates/support/incidents/state.html",
    "templates/support/incidents/parts/*",
)
LANGUAGE_COOKIE_NAME = "crs_language"
LOCALE_PATHS = [BASE_DIR / "crs" / "locale"]
FORMAT_MODULE_PATH = ["crs.formats"]
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
# No page uses any of these; one that does sends a policy of its own.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        *("accelerometer", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope"),
        *("hid", "magnetometer", "microphone", "midi", "payment", "serial", "usb", "xr-spatial-tracking"),
    )
)
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "crs.views.csrf_failure"
if not IS_LOCAL:
    production.refuse_unsafe(
        secrets={"SECRET_KEY": SECRET_KEY, "LOOKUP_KEY": LOOKUP_KEY},
        encryption_keys={
            "FIELD_ENCRYPTION_KEY": FIELD_ENCRYPTION_KEYS,
            "SIGNING_KEY_ENCRYPTION_KEY": SIGNING_KEY_ENCRYPTION_KEYS,
        },
        public_url=PUBLIC_URL,
        allowed_hosts=ALLOWED_HOSTS,
    )
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = env.whole_number("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# The first one knows accounts by e-mail too, the second permissions by role.
AUTHENTICATION_BACKENDS = ["crs.accounts.backend.Accounts", "logistics.staff.role_permissions.RolePermissions"]
LOGIN_URL = "accounts:log_in"
# The start page of staff shows what their roles let them do, so it is a page of the room that knows roles.
LOGIN_REDIRECT_URL = "logistics:account"
# A member of staff who asks for nothing so long is logged out.
STAFF_IDLE_MINUTES: int = env.whole_number("STAFF_IDLE_MINUTES", default=20)
OTP_TOTP_ISSUER = "CRS"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "one_line_for_refusals": {"()": "crs.logging.OneLineForRefusals"},
        "personal_numbers": {"()": "crs.logging.HidePersonalNumbers"},
    },
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["one_line_for_refusals", "personal_numbers"],
        },
    },
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        # The web server's own handlers know no filter.
        **{name: {"handlers": ["stderr"], "propagate": False} for name in ("_granian", "granian.access")},
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
    },
}
