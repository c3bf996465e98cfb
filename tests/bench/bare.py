"""The yardstick: a Django view with no middleware that makes the same writes through one SQL function.

Same server, same number of processes, threads and database connections, same database.
Run as `granian … tests.bench.bare:application`.
"""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.bare_settings"

from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path


def reserve(request: HttpRequest) -> HttpResponse:
    """POST person, one, two: reserve both slots, redirect."""
    with connection.cursor() as cursor:
        numbers = [request.POST["person"], request.POST["one"], request.POST["two"]]
        cursor.execute("SELECT bare_reserve(%s, %s, %s)", numbers)
        cursor.fetchone()
    return HttpResponseRedirect("/done/")


def alive(request: HttpRequest) -> HttpResponse:
    """GET /: the server has started."""
    return HttpResponse("ok")


urlpatterns = [path("", alive), path("reserve/", reserve)]
application = get_wsgi_application()
