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

# Two counters taken under their CHECK constraint, a reservation and its two appointments: what CRS
# itself must write, and nothing that it also checks.
TABLES = """
CREATE SEQUENCE bare_people START 100000000;
CREATE TABLE bare_slot (id bigint PRIMARY KEY, capacity int NOT NULL, booked int NOT NULL CHECK (booked <= capacity));
CREATE TABLE bare_reservation (
    id uuid PRIMARY KEY, registration_id bigint NOT NULL, state varchar(10) NOT NULL, pairing varchar(10) NOT NULL,
    held_until timestamptz NOT NULL, created_at timestamptz NOT NULL, check_in_code varchar(20) NOT NULL UNIQUE);
CREATE UNIQUE INDEX ON bare_reservation (registration_id) WHERE state IN ('HELD', 'CONFIRMED');
CREATE TABLE bare_appointment (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, reservation_id uuid NOT NULL REFERENCES bare_reservation,
    dose_number smallint NOT NULL, slot_id bigint NOT NULL REFERENCES bare_slot, UNIQUE (reservation_id, dose_number));
CREATE INDEX ON bare_appointment (slot_id);
CREATE FUNCTION bare_reserve(person bigint, one bigint, two bigint) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE made uuid := gen_random_uuid();
BEGIN
    UPDATE bare_slot SET booked = booked + 1 WHERE id = least(one, two);
    UPDATE bare_slot SET booked = booked + 1 WHERE id = greatest(one, two);
    INSERT INTO bare_reservation
    VALUES (made, person, 'HELD', 'EXACT', now() + interval '10 minutes', now(), left(md5(made::text), 20));
    INSERT INTO bare_appointment (reservation_id, dose_number, slot_id) VALUES (made, 1, one), (made, 2, two);
    RETURN made;
END $$;
"""


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
