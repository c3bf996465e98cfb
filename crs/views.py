"""The front page, the language switch, and what load balancers ask."""

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from crs.tasks import HEARTBEAT_KEY


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The front page: two doors, to register and to reserve."""
    return render(request, "home.html")


@require_POST
def switch_language(request: HttpRequest) -> HttpResponse:
    """Remember the chosen language on this device and go back to the page."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        target = "/"
    response = redirect(target)
    code = request.POST.get("language", "")
    if code in {known for known, _ in settings.LANGUAGES}:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            code,
            max_age=365 * 24 * 3600,
            samesite="Lax",
            secure=not settings.IS_LOCAL,
        )
    return response


@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: the process answers. Asks nothing else, so a slow database does not get it killed."""
    return HttpResponse("ok", content_type="text/plain")


@require_GET
def readyz(request: HttpRequest) -> JsonResponse:
    """Ready for people: database, Redis, migrations and a worker's heartbeat; 503 with the reason if not."""
    checks = {"database": _database, "redis": _redis, "migrations": _migrations, "worker": _worker}
    result: dict[str, str] = {}
    for name, check in checks.items():
        try:
            result[name] = "ok" if check() else "missing"
        except Exception as error:  # whatever a broken server raises, the balancer needs an answer
            result[name] = type(error).__name__
    ready = all(state == "ok" for state in result.values())
    return JsonResponse(result, status=200 if ready else 503)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from a page that is too old, or cookies switched off; in words, with a way on."""
    return render(request, "403_csrf.html", status=403)


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _redis() -> bool:
    cache.set("readyz", 1, 10)
    return cache.get("readyz") == 1


def _migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _worker() -> bool:
    return cache.get(HEARTBEAT_KEY) is not None
