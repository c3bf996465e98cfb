"""Load balancers learn the truth, whatever name they call us by."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from psycopg_pool import PoolTimeout

from crs.tasks import heartbeat


def test_alive_is_answered_under_any_host_name_without_asking_the_database(client: Client) -> None:
    assert client.get("/healthz", HTTP_HOST="10.1.2.3").content == b"ok"


@pytest.mark.django_db
def test_ready_once_a_worker_has_given_a_sign_of_life(client: Client) -> None:
    before = client.get("/readyz", HTTP_HOST="10.1.2.3")
    assert (before.status_code, before.json()["worker"]) == (503, "missing")
    heartbeat()
    after = client.get("/readyz", HTTP_HOST="10.1.2.3")
    assert (after.status_code, set(after.json().values())) == (200, {"ok"})


@pytest.mark.django_db
def test_not_ready_while_the_database_is_away(client: Client) -> None:
    heartbeat()

    def away(*_: object) -> None:
        raise PoolTimeout

    with connection.execute_wrapper(away):
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "PoolTimeout"
    assert cache.get("readyz") == 1


@pytest.mark.django_db
def test_not_ready_with_a_migration_to_run(client: Client) -> None:
    heartbeat()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    assert client.get("/readyz").json()["migrations"] == "missing"
