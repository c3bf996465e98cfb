"""A server that is away for a moment becomes a page that says so and lets the person try again.

The page stands on neither database, cache nor session, and touches no cookie.
"""

import logging

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from kombu.exceptions import OperationalError as QueueError
from psycopg import OperationalError as PsycopgError
from psycopg.errors import IdleInTransactionSessionTimeout, ReadOnlySqlTransaction
from redis.exceptions import RedisError

from crs.web import pages

logger = logging.getLogger(__name__)

# A lost connection, a statement or a lock that took too long, an exhausted pool (psycopg's own, which Django does not
# always wrap); Valkey and the queue in it.
OUTAGES = (OperationalError, InterfaceError, PsycopgError, RedisError, QueueError)
# Of another family in psycopg: a transaction in which nothing was asked for too long, a primary that became a replica.
CAUSES = (IdleInTransactionSessionTimeout, ReadOnlySqlTransaction)
SECONDS_TO_RETRY = 5


def is_outage(error: BaseException | None) -> bool:
    """Whether trying again in a moment may help."""
    return isinstance(error, OUTAGES) or (isinstance(error, Error) and isinstance(error.__cause__, CAUSES))


def answer(request: HttpRequest, error: BaseException) -> HttpResponse:
    """The page for an outage, JSON for programs: 503 with `Retry-After`."""
    logger.error("A server is away: %s: %s", type(error).__name__, error)
    if pages.is_for_programs(request.path):
        response = pages.answer(503, path=request.path)
    else:
        # A middleware outside of ours for languages may have met it.
        with translation.override(getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE)):
            # Without messages, which stand in the session.
            response = render(request, "503.html", {"messages": ()}, status=503)
    response.headers["Retry-After"] = str(SECONDS_TO_RETRY)
    add_never_cache_headers(response)
    return response
