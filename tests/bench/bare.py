"""The yardsticks: views with no middleware on the web server that CRS runs on.

They have as many processes, threads and database connections, and the same database. So a ratio to them says
what the code of CRS costs. They run as `python -m crs.web` with `tests.bench.bare_settings`.
"""

import json
from uuid import uuid4

from django.db import connection, transaction
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


# A dose: each row that CRS writes for it, by a plain statement of its own. History: the row as it is then.
_REGISTRATION = (
    "id, number, phone, email, language, landline, by_letter, way, is_immobile, home_district_id, handed_over_at, "
    "guardian_name, guardian_relation, state, ending, ended_at, consented_at, created_at, person_id, doses_received, "
    "registered_at_site_id"
)
_APPOINTMENT = "id, dose_number, state, reservation_id, slot_id"
_VISIT = (
    "id, day, came_as, state, arrived_at, identity, consent, claim_proof, "
    "over_capacity_reason, observe_until, left_at, sent_away, appointment_id, checked_in_by_id, registration_id, "
    "site_id"
)
_DOSE = (
    'id, number, given_at, recorded_at, "where", is_dominant_side, source, state, error, batch_id, '
    "consumption_id, person_id, recorded_by_id, registration_id, site_id, vaccine_id, doctor_id, given_by_id, vial_id, "
    "visit_id"
)


def _history(table: str, columns: str, label: str) -> str:
    return (
        f"INSERT INTO bare.{table}event (pgh_created_at, pgh_label, pgh_obj_id, pgh_context_id, {columns}) "  # noqa: S608
        f"SELECT now(), '{label}', id, %(context)s, {columns} FROM bare.{table} WHERE id = "
    )


_DOSE_WRITES = (
    "INSERT INTO bare.crs_sentform (key, contents, outcome, sent_at) VALUES (%(key)s, %(contents)s, '{}', now())",
    "INSERT INTO bare.pghistory_context (id, created_at, updated_at, metadata) "
    "VALUES (%(context)s, now(), now(), %(metadata)s)",
    "UPDATE bare.registration_registration SET doses_received = doses_received + 1 WHERE id = %(registration)s",
    _history("registration_registration", _REGISTRATION, "update") + "%(registration)s",
    "UPDATE bare.reservation_appointment SET state = 'FULFILLED' WHERE id = %(appointment)s",
    _history("reservation_appointment", _APPOINTMENT, "update") + "%(appointment)s",
    "UPDATE bare.vaccination_visit SET state = 'OBSERVED', observe_until = now() + interval '30 minutes' "
    "WHERE id = %(visit)s",
    _history("vaccination_visit", _VISIT, "update") + "%(visit)s",
    # The last dose ends the vial.
    "UPDATE bare.vaccination_vialsession SET given = given + 1, "
    "ended_at = CASE WHEN doses = given + wasted + 1 THEN now() END, "
    "\"end\" = CASE WHEN doses = given + wasted + 1 THEN 'EMPTY' ELSE '' END WHERE id = %(vial)s",
)
_DOCUMENT = (
    "INSERT INTO bare.logistics_stockdocument (kind, outside_party, happened_on, recorded_at, reason, note, attempt, "
    "import_row, recorded_by_id, store_id) VALUES ('CONSUMPTION', '', current_date, now(), '', '', 1, '', %(by)s, "
    "%(store)s) RETURNING id"
)
_DOSE_AND_STOCK = (
    "INSERT INTO bare.logistics_stockmovement (quantity, document_id, item_id) VALUES (-1, %(document)s, %(item)s)",
    "UPDATE bare.logistics_stockbalance SET quantity = quantity - 1 WHERE store_id = %(store)s AND item_id = %(item)s",
    'INSERT INTO bare.vaccination_dose (id, number, given_at, recorded_at, "where", is_dominant_side, source, state, '
    "error, batch_id, consumption_id, person_id, recorded_by_id, registration_id, site_id, vaccine_id, doctor_id, "
    "given_by_id, vial_id, visit_id) VALUES (%(dose)s, 1, now(), now(), 'LEFT_ARM', false, 'SITE', 'VALID', '', "
    "%(batch)s, %(document)s, %(person)s, %(by)s, %(registration)s, %(site)s, 'comirnaty', %(doctor)s, %(doctor)s, "
    "%(vial)s, %(visit)s)",
    _history("vaccination_dose", _DOSE, "insert") + "%(dose)s",
    "UPDATE bare.crs_sentform SET outcome = %(outcome)s WHERE key = %(key)s",
)
_SESSION = (
    "UPDATE bare.django_session SET session_data = session_data, expire_date = now() + interval '1 day' "
    "WHERE session_key = %(session)s"
)


def give_dose(request: HttpRequest) -> HttpResponse:
    """POST the keys of all rows: the writes of a dose in one transaction, that of the session after it; a redirect."""
    dose = str(uuid4())
    told = {
        **request.POST.dict(),
        "dose": dose,
        "context": str(uuid4()),
        "contents": "0" * 64,
        "metadata": json.dumps({"user": request.POST["by"], "url": request.path, "operation": "vaccination.dose"}),
        "outcome": json.dumps({"dose": dose}),
    }
    with connection.cursor() as cursor:
        with transaction.atomic():
            for statement in _DOSE_WRITES:
                cursor.execute(statement, told)
            cursor.execute(_DOCUMENT, told)
            told["document"] = cursor.fetchone()[0]
            for statement in _DOSE_AND_STOCK:
                cursor.execute(statement, told)
        cursor.execute(_SESSION, told)
    return HttpResponseRedirect(f"/doses/{dose}/")


urlpatterns = [path("dose/", give_dose), path("reserve/", reserve), path("times/", times)]
