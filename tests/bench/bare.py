"""The yardsticks: views with no middleware on the web server that CRS runs on.

They have as many processes, threads and database connections, and the same database. So a ratio to them says
what the code of CRS costs. They run as `python -m crs.web` with `tests.bench.bare_settings`.
"""

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import Context, Engine
from django.urls import path

_PAGE = Engine().from_string(
    """<!doctype html><html lang="en"><title>Times</title><h1>{{ rows|length }} times</h1><ul>
    {% for number, starts_at, free in rows %}<li><button name="slot" value="{{ number }}">{{ starts_at|date:"G:i" }}
    {% if free > 1 %}{{ free }} seats{% else %}the last seat{% endif %}</button></li>{% endfor %}</ul></html>"""
)


def reserve(request: HttpRequest) -> HttpResponse:
    """POST person, one, two: the writes of a reservation through one SQL function, then a redirect."""
    with connection.cursor() as cursor:
        numbers = [request.POST["person"], request.POST["one"], request.POST["two"]]
        cursor.execute("SELECT bare_reserve(%s, %s, %s)", numbers)
        cursor.fetchone()
    return HttpResponseRedirect("/done/")


def times(request: HttpRequest) -> HttpResponse:
    """GET: 30 times by one query, as a list by a template of Django."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, starts_at, capacity - booked FROM bare_slot ORDER BY id LIMIT 30")
        rows = cursor.fetchall()
    return HttpResponse(_PAGE.render(Context({"rows": rows})))


urlpatterns = [path("reserve/", reserve), path("times/", times)]
