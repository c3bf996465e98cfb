"""Answers to load balancers and container engines."""

from collections.abc import Callable

from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from crs.tasks import HEARTBEAT_KEY


@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: the process answers. Asks nothing else, so a slow database does not get it killed."""
    return HttpResponse("ok", content_type="text/plain")


@require_GET
def readyz(request: HttpRequest) -> JsonResponse:
    """Ready for people: database, Valkey, migrations and a worker's heartbeat; 503 with the reason if not."""
    checks = {"database": _database, "redis": _redis, "migrations": _migrations, "worker": _worker}
    result: dict[str, str] = {}
    for name, check in checks.items():
        try:
            result[name] = "ok" if check() else "missing"
        except Exception as error:  # whatever a broken server raises, the balancer needs an answer
            result[name] = type(error).__name__
    ready = all(state == "ok" for state in result.values())
    return JsonResponse(result, status=200 if ready else 503)


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


PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {"/healthz": healthz, "/readyz": readyz}
