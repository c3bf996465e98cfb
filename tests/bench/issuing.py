"""Certificates that are due, issued by the operation itself, in turn with the least that anybody would have to do.

The yardstick signs payloads that lie ready and inserts them by the ORM into a table of the same columns and indexes. It
claims nothing, locks nobody, reads nothing, keeps no history, and asks nobody whether it is still true.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

import psutil
from django.db import connection, models, transaction
from django.utils import timezone

from certificates.issuing import issuing, requests, writing
from certificates.issuing.facts import Facts, facts_of_doses
from certificates.keys import creation, signers
from certificates.models import IssueRequest
from crs.encryption import EncryptedTextField
from logistics.models import District, VaccinationSite
from tests.bench import cpu
from tests.bench.turns import Rounds, Turn, compared, line, rounds, turn

if TYPE_CHECKING:
    from tests.bench.sides import Sides

A_TURN = 500
MANY = 2_000
SITES = 300
HOURS = 10
# A busy day: series of one dose on 300 sites, recorded over ten hours.
PEOPLE = """
WITH site AS MATERIALIZED (
    SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM logistics_vaccinationsite LIMIT %(sites)s
), person AS (
    INSERT INTO registration_person
        (first_name, last_name, insured_number, insured_number_hash, birth_date, insurer, street, city, postcode,
         document_type, document_number, document_country, document_hash, sex, latin_first_name, latin_last_name)
    SELECT 'Jiřina-Maria', 'Daňhelková ' || n, '', 'issuing-' || %(first)s + n, '1938-05-17', '111', 'Dlouhá 1',
           'Praha', '11000', '', '', '', '', '', '', ''
    FROM generate_series(1, %(count)s) AS n RETURNING id
)
INSERT INTO vaccination_dose
    (id, person_id, number, vaccine_id, site_id, given_at, recorded_at, "where", source, state, error)
SELECT gen_random_uuid(), person.id, 1, 'janssen', site.id, at.moment, at.moment, '', 'ELSEWHERE', 'VALID', ''
FROM person
JOIN site ON site.place = person.id %% (SELECT count(*) FROM site)
CROSS JOIN LATERAL (SELECT %(begun)s::timestamptz + (person.id %% %(hours)s) * interval '1 hour' AS moment) AS at
"""


class BareCertificate(models.Model):
    """The columns of a certificate."""

    id = models.UUIDField(primary_key=True)
    dose_id = models.UUIDField()
    person_id = models.BigIntegerField()
    dose_number = models.PositiveSmallIntegerField()
    total_doses = models.PositiveSmallIntegerField()
    uvci = models.CharField(max_length=80)
    ean = models.CharField(max_length=13)
    text = EncryptedTextField()
    facts_hash = models.CharField(max_length=64)
    signer_id = models.BigIntegerField()
    cause = models.CharField(max_length=10)
    issued_at = models.DateTimeField()
    issued_by_id = models.IntegerField(null=True)
    expires_at = models.DateTimeField()
    replaces_id = models.UUIDField(null=True)
    state = models.CharField(max_length=10)
    revoked_at = models.DateTimeField(null=True)
    revoked_by_id = models.IntegerField(null=True)
    revocation = models.CharField(max_length=20)
    revocation_note = models.CharField(max_length=300)

    class Meta:
        app_label, db_table, managed = "bench", "bare_certificate", False

    def __str__(self) -> str:
        return self.uvci


def measure(sides: Sides, *, seconds: float, say: Callable[[str], None]) -> dict[str, object]:
    """What a certificate costs from the request to the row, and how many times the yardstick."""
    _prepare()
    servers = cpu.Servers(worker=psutil.Process(), database=sides.database)
    taken, first = Rounds(), 0
    for number in rounds(seconds, least=2):
        _vaccinate(A_TURN, first=first)
        first += A_TURN
        with turn(servers, count=A_TURN) as asked:
            requests.request_missing()
        taken.note(number, "request of a dose (backlog)", asked)
        # What a delivery costs is not the yardstick's affair; the backlog below has it.
        IssueRequest.objects.waiting().update(is_to_be_sent=False)
        facts = [told.facts for told in facts_of_doses(_due(), on=timezone.localdate()).values() if told.facts]
        turns = {"certificate issued": partial(_issue, servers), "yardstick": partial(_bare, servers, facts)}
        taken.take(number, turns)
    figures: dict[str, object] = {}
    for name in taken.names:
        figures[name] = costs = taken.costs(name)
        say(line(name, costs))
    name, ratio = "certificate issued / yardstick", taken.ratio("certificate issued", "yardstick")
    figures[name] = ratio.figures
    say(compared(name, ratio))
    figures |= _many(servers, MANY, first, say)
    return figures


def _prepare() -> None:
    creation.create_authority(now=timezone.now())
    creation.create_signer(now=timezone.now())
    district = District.objects.order_by("pk").first()
    VaccinationSite.objects.bulk_create(
        VaccinationSite(name=f"Site {number}", district=district, address="Dlouhá 1") for number in range(SITES)
    )
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare_certificate (LIKE certificates_certificate INCLUDING ALL)")


def _vaccinate(count: int, *, first: int) -> None:
    begun = timezone.now() - timedelta(hours=HOURS + 1)
    told: dict[str, Any] = {"count": count, "first": first, "sites": SITES, "begun": begun, "hours": HOURS}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PEOPLE, told)
        cursor.execute("ANALYZE vaccination_dose, registration_person")


def _due() -> list[UUID]:
    return list(IssueRequest.objects.waiting().values_list("dose_id", flat=True))


def _issue(servers: cpu.Servers) -> Turn:
    """Ends the bench where not each of them was issued."""
    with turn(servers, count=A_TURN) as measured:
        counts = issuing.issue_pending(now=timezone.now())
    if counts.issued != A_TURN:
        raise SystemExit(f"not all certificates were issued: {counts}")
    return measured


def _bare(servers: cpu.Servers, facts: list[Facts]) -> Turn:
    BareCertificate._base_manager.all().delete()
    signer, now = signers.current(timezone.now()), timezone.now()
    values = {"signer_id": signers.row_of(signer).pk, "cause": "SERIES", "state": "VALID"}
    eans = iter(writing.new_eans(len(facts)))
    with turn(servers, count=A_TURN) as measured:
        made = [
            BareCertificate(
                id=uuid.uuid4(),
                dose_id=uuid.uuid4(),
                person_id=place,
                **vars(writing.write(told, ean=next(eans), signer=signer, now=now)),
                **values,
            )
            for place, told in enumerate(facts)
        ]
        for place in range(0, len(made), issuing.BATCH):
            with transaction.atomic():
                BareCertificate._base_manager.bulk_create(made[place : place + issuing.BATCH])
    return measured


def _many(servers: cpu.Servers, count: int, first: int, say: Callable[[str], None]) -> dict[str, object]:
    """A backlog of so many with the row of a delivery each, and the memory that it took."""
    _vaccinate(count, first=first)
    requests.request_missing()
    process = psutil.Process()
    before = process.memory_info().rss
    with turn(servers, count=count) as measured:
        counts = issuing.issue_pending(now=timezone.now())
    took, grown = measured.wall, process.memory_info().rss - before
    say(
        f"{counts.issued:,} pending issued in {took:.1f} s on the clock, {count / took:.0f} a second, "
        f"cpu {measured.cpu_ms():.2f} ms each, memory grew by {grown / 2**20:.0f} MiB"
    )
    return {"pending issued": {"count": counts.issued, "cpu ms": measured.cpu_ms(), "wall ms": measured.wall_ms()}}
