"""A verifier that asks for what comes after its last row misses nobody, whoever adds signers at once."""

import json
import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections, transaction

from certificates.keys import creation
from certificates.models import SignerCertificate
from certificates.trust import formats, publication
from certificates.trust.imports import import_list
from tests.certificates.trust.test_imports import text
from tests.factories import NOW, signer_pair
from tests.waiting import wait_until


def _import() -> None:
    trust_list = formats.read_data(json.dumps([{"rawData": text(1)}]).encode(), "list")
    import_list(trust_list=trust_list, source="EU", now=NOW, progress=lambda *_: None)


def _add_without_the_lock() -> None:
    SignerCertificate.of(signer_pair(101, NOW)[1], origin="IMPORTED", added_at=NOW).save()


def _waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database "
            "WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("add", "is_missed"), [(_import, False), (_add_without_the_lock, True)], ids=["lock", "twin"])
def test_a_signer_never_appears_before_one_with_a_lower_number(add: Callable[[], None], is_missed: bool) -> None:
    creation.create_authority(now=NOW)

    def in_another_connection() -> None:
        try:
            add()
        finally:
            connections.close_all()

    other = threading.Thread(target=in_another_connection)
    with transaction.atomic():
        ours = creation.create_signer(now=NOW).signer
        other.start()
        wait_until(lambda: _waits_for_a_lock() or not other.is_alive(), "the other one waits, or is done")
        # The app asks now: it sees what is committed.
        seen = [] if other.is_alive() else list(SignerCertificate.objects.trusted(NOW).exclude(pk=ours.pk))
    other.join()
    last = seen[-1].pk if seen else 0
    later = []
    while signer := publication.after(last, NOW):
        later.append(signer.number)
        last = signer.number
    assert (ours.pk not in later) == is_missed
