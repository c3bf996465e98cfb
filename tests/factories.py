"""The rows that tests stand on: each function makes one thing, and of what lies under it only what is missing.

It is Monday morning, `NOW`, unless a test says otherwise. Vaccines, materials, regions and districts are
those of the migrations.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import count, product
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from certificates.issuing import writing
from certificates.issuing.facts import facts_of_doses
from certificates.keys import files, profiles, signers
from certificates.models import Certificate, SignerCertificate, SigningKey
from crs.sent_forms import Sending
from logistics.models import (
    Batch,
    Region,
    Role,
    StaffRole,
    StockBalance,
    StockDocument,
    StockItem,
    Store,
    VaccinationSite,
)
from logistics.stock import items, ledger
from logistics.stock.ledger import EntryContext, EntryLine
from registration.codes import issuing
from registration.models import CodeBatch, GroupRule, Person, PriorityClaim, PriorityGroup, Registration
from reservation.inviting.pin2 import pin2_hash
from reservation.models import (
    AffectedAppointment,
    Appointment,
    Closure,
    Invitation,
    OpeningHours,
    OpeningRule,
    Reservation,
    ReservationGrounds,
    Slot,
)
from support.letters.parts import ReadFile
from support.models import Desk, Incident, Letter, Ticket
from support.tickets import files as ticket_files
from support.tickets import opening
from vaccination.models import AdverseEvent, Dose, HealthWorker, Reaction, Station, VialSession, Visit

PRAGUE = ZoneInfo("Europe/Prague")
NOW = datetime(2027, 1, 11, 9, 0, tzinfo=PRAGUE)  # a Monday
LAST_DAY = date(2027, 3, 31)
PASSWORD = "three-words-of-ours"
PIN2 = "12345678"

_numbers = count(1)


def at(day: date, clock: str) -> datetime:
    """A wall-clock time in Prague, such as '09:15'."""
    return datetime.combine(day, time.fromisoformat(clock), PRAGUE)


# --- sites --------------------------------------------------------------------------------------


def make_site(name: str = "Nemocnice Tábor", district: str = "CZ0317", **fields: Any) -> VaccinationSite:
    """A site; the defaults of its state and hours are the model's."""
    values = {"name": name, "district_id": district, "address": "Kpt. Jaroše 2000"}
    site: VaccinationSite = VaccinationSite.objects.create(**(values | fields))
    return site


# --- staff --------------------------------------------------------------------------------------


def make_account(name: str) -> User:
    """An account of staff without a role, with the password `PASSWORD`."""
    return User.objects.create_user(name, f"{name}@example.cz", PASSWORD, is_staff=True)


def make_staff(
    role: Role,
    *,
    site: VaccinationSite | None = None,
    region: Region | str | None = None,
    name: str = "",
) -> User:
    """An account with `role` at its place and the password `PASSWORD`; without a `name` it gets one of its own.

    An account that `name` names already gets one more role. A region may be given by its code.
    """
    name = name or f"{role.lower()}-{User.objects.count() + 1}"
    user = User.objects.filter(username=name).first() or make_account(name)
    code = region.pk if isinstance(region, Region) else region
    StaffRole.objects.create(user=user, role=role, site=site, region_id=code)
    return user


def totp(user: User) -> TOTPDevice:
    """The authenticator app of `user`, made on first use."""
    return TOTPDevice.objects.get_or_create(user=user, confirmed=True, defaults={"name": "test"})[0]


# --- stock --------------------------------------------------------------------------------------


def context(now: datetime = NOW, key: UUID | None = None) -> EntryContext:
    """The context of an entry by nobody in particular."""
    return EntryContext(by=None, now=now, form=Sending(key, "typed"))


def make_store(*lines: EntryLine, site: VaccinationSite | None = None, **fields: Any) -> Store:
    """The store of `site`, else of a new site with the `fields` of make_site, with `lines` in it."""
    return ledger.establish(site=site or make_site(**fields), lines=lines, context=context())


def make_distributor(*lines: EntryLine) -> Store:
    """The store of a new distributor, with `lines` in it."""
    return ledger.establish(name=f"Distributor {next(_numbers)}", lines=lines, context=context())


def make_batch(number: str = "EJ6797", *, vaccine: str = "comirnaty", expires_on: date | None = LAST_DAY) -> Batch:
    """The batch with this number, made on first use."""
    found = {"vaccine_id": vaccine, "number": number}
    return Batch.objects.get_or_create(**found, defaults={"expires_on": expires_on})[0]


def make_vials(
    number: str = "EJ6797",
    *,
    vaccine: str = "comirnaty",
    doses_per_vial: int = 6,
    expires_on: date | None = LAST_DAY,
    **storage: Any,
) -> StockItem:
    """The item of closed vials of a batch, which is made with it; `storage` as in items.vaccine_item."""
    batch = make_batch(number, vaccine=vaccine, expires_on=expires_on)
    return items.vaccine_item(batch=batch, doses_per_vial=doses_per_vial, **storage)


def make_swabs() -> StockItem:
    """The item of a material."""
    return StockItem.objects.get_or_create(material_id="swab")[0]


def put(store: Store, item: StockItem, quantity: int) -> None:
    """Receive so many of the item."""
    ledger.receive(store=store, lines=[EntryLine(item, quantity)], context=context())


def opened(document: StockDocument) -> StockItem:
    """The item of opened vials that an opening made."""
    return document.movements.get(quantity__gt=0).item


def balance(store: Store, item: StockItem) -> int:
    """How many of the item the store has."""
    return StockBalance.objects.filter(store=store, item=item).values_list("quantity", flat=True).first() or 0


# --- people and what they reserve ---------------------------------------------------------------


def make_group() -> PriorityGroup:
    """The group of people over 80, whose turn it is."""
    return PriorityGroup.objects.get(code="age-80")


def make_rule(group: str, *, valid_from: datetime, **values: Any) -> GroupRule:
    """Another rule of the group: the one that is valid at that moment, with `values` in place of its own."""
    rule = GroupRule.objects.filter(group=group, valid_from__lt=valid_from).order_by("-valid_from")[0]
    known = ("score", "min_age", "max_age", "age_on", "proof", "registers_from", "invites_from")
    return GroupRule.objects.create(
        group_id=group, valid_from=valid_from, **{name: getattr(rule, name) for name in known} | values
    )


# What stands in a registration that ended, for `make_registration` and for updates.
ENDED = {"state": "CANCELLED", "ending": "LEFT", "ended_at": NOW}


def make_registration(
    *,
    claims: Mapping[str, str] | None = None,
    birth_date: date = date(1940, 5, 1),
    sites: tuple[VaccinationSite, ...] = (),
    **fields: Any,
) -> Registration:
    """A new person's registration; whoever is made later registered later. `claims`: states by code of group."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "number": f"{number:09}",
        "phone": f"+4207{number:08}",
        "consented_at": NOW,
        "created_at": NOW + timedelta(seconds=number),
        "person": Person.objects.create(
            first_name="Jana",
            last_name="Nováková",
            insured_number=f"{number:010}",
            insured_number_hash=f"{number:064}",
            birth_date=birth_date,
            insurer="111",
            street="Dlouhá 1",
            city="Praha",
            postcode="11000",
        ),
    }
    ended = ENDED if fields.get("state") == "CANCELLED" else {}
    registration: Registration = Registration.objects.create(**(values | ended | fields))
    if sites:
        registration.preferred_sites.set(sites)
    PriorityClaim.objects.bulk_create(
        PriorityClaim(registration=registration, group_id=group, state=state, made_at=NOW)
        for group, state in (claims or {}).items()
    )
    return registration


def make_codes(
    codes: int = 1, *, group: str = "carers", uses: int = 1, by: User | None = None, **fields: Any
) -> tuple[CodeBatch, list[str]]:
    """A batch of codes for the group, issued at `NOW` to a home for seniors, and its codes."""
    values = {"issued_to": "Domov Slunce, Tábor", "valid_until": None, "now": NOW}
    issuer = by or make_account(f"issuer-{next(_numbers)}")
    issued = issuing.issue(
        group=PriorityGroup.objects.get(pk=group), codes=codes, uses=uses, by=issuer, **(values | fields)
    )
    return issued.batch, issuing.codes_of(issued.batch, issued.seed)


def make_invitation(registration: Registration | None = None, **fields: Any) -> Invitation:
    """An invitation whose PIN2 is `PIN2`, of a new person unless a registration is given."""
    whose = registration or make_registration()
    values = {"pin_hash": pin2_hash(whose.pk, PIN2), "issued_at": NOW, "expires_at": NOW + timedelta(days=14)}
    invitation: Invitation = Invitation.objects.create(registration=whose, **(values | fields))
    return invitation


def make_slot(
    day: int = 1,
    clock: str = "09:00",
    for_doses: str = "FIRST",
    capacity: int = 1,
    *,
    site: VaccinationSite,
    **fields: Any,
) -> Slot:
    """A slot `day` days after `NOW`, for Comirnaty unless a `vaccine` is given."""
    starts_at = at(NOW.date() + timedelta(days=day), clock)
    vaccine = {} if "vaccine" in fields else {"vaccine_id": "comirnaty"}
    values = {"site": site, "for_doses": for_doses, "starts_at": starts_at, "capacity": capacity}
    slot: Slot = Slot.objects.create(**(values | vaccine | fields))
    return slot


def make_opening_rule(
    site: VaccinationSite, *spans: str, weekdays: Iterable[int] = range(7), seats: int = 4, **fields: Any
) -> OpeningRule:
    """A rule for Comirnaty from the day of `NOW` on, without slots; `spans` such as "8:00-12:00", else 8 to 16."""
    values = {"vaccine_id": "comirnaty", "valid_from": NOW.date(), "seats": seats}
    rule: OpeningRule = OpeningRule.objects.create(site=site, **(values | fields))
    for weekday, span in product(weekdays, spans or ("08:00-16:00",)):
        opens_at, closes_at = map(time.fromisoformat, span.split("-"))
        OpeningHours.objects.create(rule=rule, weekday=weekday, opens_at=opens_at, closes_at=closes_at)
    return rule


@transaction.atomic  # the database looks for both doses when a transaction ends
def make_reservation(
    registration: Registration | None = None,
    *,
    site: VaccinationSite,
    day: int = 0,
    clock: str = "09:00",
    **fields: Any,
) -> Reservation:
    """A confirmed reservation of a new person unless one is given: dose 1 `day` days after `NOW`, dose 2 21 days later.

    Its slots are made where there are none yet, with room for a hundred.
    """
    values = {"state": "CONFIRMED", "pairing": "EXACT", "held_until": NOW, "confirmed_at": NOW}
    whose = registration or make_registration()
    reservation: Reservation = Reservation.objects.create(registration=whose, **(values | fields))
    for dose, ahead in ((1, day), (2, day + 21)):
        starts_at = at(NOW.date() + timedelta(days=ahead), clock)
        slot, _is_new = Slot.objects.get_or_create(
            site=site, vaccine_id="comirnaty", for_doses="ANY", starts_at=starts_at, defaults={"capacity": 100}
        )
        Slot.objects.filter(pk=slot.pk).update(booked=F("booked") + 1)
        Appointment.objects.create(reservation=reservation, dose_number=dose, slot=slot)
    ReservationGrounds.objects.filter(reservation=reservation).update(region=Region.objects.of_site(site.pk).get())
    return reservation


def make_affected(appointment: Appointment, *, reason: str = "havárie vody") -> AffectedAppointment:
    """The site of the appointment closes for two hours then, and nobody has found another time yet."""
    slot = appointment.slot
    closure = Closure.objects.create(
        site=slot.site,
        starts_at=slot.starts_at - timedelta(hours=1),
        ends_at=slot.starts_at + timedelta(hours=1),
        reason=reason,
        made_by=make_account(f"manager-{next(_numbers)}"),
    )
    return AffectedAppointment.objects.create(appointment=appointment, slot=slot, cause="CLOSURE", closure=closure)


# --- a site's day -------------------------------------------------------------------------------


def make_worker(site: VaccinationSite, *, user: User | None = None, **fields: Any) -> HealthWorker:
    """A doctor of the site with a number of their own, unless the `fields` say otherwise."""
    number = next(_numbers)
    values = {"name": f"MUDr. Eva Malá {number}", "register_number": f"{number:09}", "facility_part": "001"}
    more = {"is_doctor": True, "began_at": NOW}
    worker: HealthWorker = HealthWorker.objects.create(site=site, user=user, **(values | more | fields))
    return worker


def make_station(site: VaccinationSite, name: str = "1") -> Station:
    """The station of the site with this name, made on first use."""
    return Station.objects.get_or_create(site=site, name=name, closed_at=None)[0]


def make_open_vial(
    site: VaccinationSite, *, station: str = "1", doses: int = 6, now: datetime = NOW, **vials: Any
) -> VialSession:
    """A vial that is open at a station of the site; its store and what is missing in it are made with it."""
    store = Store.objects.filter(site=site).first() or make_store(site=site)
    closed = make_vials(**vials)
    if balance(store, closed) == 0:
        put(store, closed, 10)
    document = ledger.open_vials(store=store, item=closed, vials=1, doses=doses, context=context(now))
    vial: VialSession = VialSession.objects.create(
        station=make_station(site, station), item=opened(document), opening=document, opened_at=now, doses=doses
    )
    return vial


def make_visit(registration: Registration | None = None, *, site: VaccinationSite, **fields: Any) -> Visit:
    """Somebody who was checked in at `NOW`; their reservation for then is made with them."""
    whose = registration or make_registration()
    reservation = Reservation.objects.filter(registration=whose).first() or make_reservation(whose, site=site)
    values: dict[str, Any] = {"day": NOW.date(), "came_as": "ON_TIME", "arrived_at": NOW, "identity": "CITIZEN_CARD"}
    due = reservation.appointments.filter(state="BOOKED").order_by("dose_number")[0]
    more = {"consent": "SPOKEN", "appointment": due}
    visit: Visit = Visit.objects.create(site=site, registration=whose, **(values | more | fields))
    return visit


def make_dose(visit: Visit, vial: VialSession, *, given_at: datetime = NOW, **fields: Any) -> Dose:
    """A dose as the rows have it after it was recorded: taken from the vial and from the stock, and nothing else."""
    item, site = vial.item, visit.site
    assert item.batch
    store = Store.objects.get(site=site)
    consumption = ledger.consume(store=store, item=item, doses=1, context=context(given_at))
    VialSession.objects.filter(pk=vial.pk).update(given=F("given") + 1)
    doctor = fields.pop("doctor", None) or make_worker(site)
    values: dict[str, Any] = {
        "number": visit.registration.person.doses.valid().count() + 1,
        "registration": visit.registration,
        "vaccine": item.batch.vaccine,
        "batch": item.batch,
        "consumption": consumption,
        "recorded_at": given_at,
        "where": "LEFT_ARM",
        "given_by": doctor,
        "doctor": doctor,
    }
    dose: Dose = Dose.objects.create(
        person=visit.registration.person, site=site, visit=visit, vial=vial, given_at=given_at, **(values | fields)
    )
    return dose


def make_dose_elsewhere(registration: Registration | None = None, **fields: Any) -> Dose:
    """A first dose that was given elsewhere four weeks before `NOW`, as its row is: nothing was asked for with it.

    It is a new person's, unless a registration is given, or in `fields` a person without one.
    """
    before = NOW - timedelta(weeks=4)
    values: dict[str, Any] = {"number": 1, "vaccine_id": "comirnaty", "given_at": before, "recorded_at": before}
    if "person" not in fields:
        registration = registration or make_registration()
        values["person"] = registration.person
    dose: Dose = Dose.objects.create(registration=registration, source=Dose.Source.ELSEWHERE, **(values | fields))
    return dose


def make_sitting(
    site: VaccinationSite, *, registration: Registration | None = None, minutes: int = 15, given_at: datetime = NOW
) -> Dose:
    """A dose whose person sits under observation for so many minutes from then."""
    with transaction.atomic():  # a reservation is complete when it is committed
        visit = make_visit(registration, site=site)
    vials = VialSession.objects.filter(station__site=site, ended_at=None, given__lt=F("doses"))
    dose = make_dose(visit, vials.first() or make_open_vial(site), given_at=given_at)
    Visit.objects.filter(pk=visit.pk).update(state="OBSERVED", observe_until=given_at + timedelta(minutes=minutes))
    visit.refresh_from_db()
    return dose


def make_event(dose: Dose, **fields: Any) -> AdverseEvent:
    """A report that the person fainted, by the doctor of the dose."""
    values = {"intensity": "MILD", "cause": "ANXIETY", "narrative": "Omdlela.", "reporter": dose.doctor}
    event: AdverseEvent = AdverseEvent.objects.create(dose=dose, recorded_at=NOW, **(values | fields))
    Reaction.objects.create(event=event, term="mdloby", started_at=dose.given_at)
    return event


# --- certificates -------------------------------------------------------------------------------


@lru_cache
def authority_pair() -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """The key and the certificate of our authority (CSCA), made once in a process, a month before `NOW`."""
    key = profiles.new_private_key()
    subject = profiles.name("CSCA of tests", "CZ")
    return key, profiles.authority_certificate(key, subject=subject, now=NOW - timedelta(days=30))


def signer_certificate_of(
    public_key: ec.EllipticCurvePublicKey, *, subject: x509.Name, now: datetime = NOW
) -> x509.Certificate:
    """The certificate of a document signer with the key, by our authority."""
    authority_key, authority = authority_pair()
    return profiles.signer_certificate(
        public_key, subject=subject, authority=authority, authority_key=authority_key, now=now
    )


@lru_cache
def signer_pair(number: int, made_at: datetime = NOW) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """The key and the certificate of a document signer of ours, made once in a process."""
    key = profiles.new_private_key()
    subject = profiles.name(f"DSC of tests {number}", "CZ")
    return key, signer_certificate_of(key.public_key(), subject=subject, now=made_at)


def make_signing_key(*, now: datetime = NOW, **fields: Any) -> SigningKey:
    """A key of ours that signs for half a year from `now`, with its signer; another one each time in a test."""
    key, certificate = signer_pair(SignerCertificate.objects.count() + 1, now)
    signer = SignerCertificate.of(certificate, origin=SignerCertificate.Origin.OWN, added_at=now)
    signer.save()
    values: dict[str, Any] = {
        "private_key": files.private_text(key),
        "signs_from": now,
        "signs_until": now + timedelta(days=profiles.SIGNING_DAYS),
        "created_at": now,
    }
    signing_key: SigningKey = SigningKey.objects.create(signer=signer, **(values | fields))
    return signing_key


def make_certificate(dose: Dose, *, now: datetime = NOW, **fields: Any) -> Certificate:
    """A certificate of the dose that is really signed, by the key that signs at `now` or else by a new one.

    `fields` are columns; what the text says does not follow them.
    """
    if not SigningKey.objects.signing(now).exists():
        make_signing_key(now=now)
    signer = signers.current(now)
    facts = facts_of_doses([dose.pk], on=timezone.localdate(now))[dose.pk].facts
    assert facts is not None
    written = writing.write(facts, ean=writing.new_eans(1)[0], signer=signer, now=now)
    values = {
        **vars(written),
        "dose": dose,
        "person": dose.person.merged_into or dose.person,
        "signer": signers.row_of(signer),
        "cause": "REQUESTED",
    }
    certificate: Certificate = Certificate.objects.create(**(values | fields))
    return certificate


# --- help desks ---------------------------------------------------------------------------------


def make_agent(role: Role = Role.SUPPORT_L2, region: Region | str | None = None, *, name: str = "") -> User:
    """A member of the help desks with the password `PASSWORD`."""
    return make_staff(role, region=region, name=name)


def make_incident(title: str = "SMS s PINem přicházejí pozdě", **fields: Any) -> Incident:
    """A known problem that lasts since an hour ago; the caches do not know of it (`running.published`)."""
    values = {
        "title_cs": title,
        "title_en": "SMS with a PIN come late",
        "text_cs": "Operátor má výpadek. PIN přijde do hodiny.",
        "text_en": "An operator has an outage. The PIN comes within an hour.",
        "began_at": NOW - timedelta(hours=1),
        "declared_at": NOW,
    }
    if "declared_by" not in fields:
        values["declared_by"] = make_agent(Role.SUPPORT_LEAD)
    incident: Incident = Incident.objects.create(**(values | fields))
    return incident


def make_page_letter(ticket: Ticket, *, by: User, text: str = "Tiskárna nic nedělá.", file: bytes = b"x") -> Letter:
    """What `by` wrote into the ticket on the pages of their site, with a file."""
    letter: Letter = Letter.objects.create(
        ticket=ticket,
        desk=ticket.desk,
        direction="IN",
        kind="PAGE",
        state="FILED",
        from_address=by.email,
        text=text,
        received_at=NOW,
        author=by,
    )
    ticket_files.keep_all(letter=letter, files=[ReadFile("obrazovka.png", "image/png", file, "", False, "")])
    return letter


def make_ticket(subject: str = "Nejde tisk certifikátu", *, now: datetime = NOW, **fields: Any) -> Ticket:
    """A ticket that somebody opened by e-mail; the `fields` are those of `open_ticket`."""
    values = {
        "desk": Desk.SITES,
        "way": Ticket.Way.LETTER,
        "language": "cs",
        "requester_address": f"jana{next(_numbers)}@nemocnice.example",
        "requester_name": "Jana Nováková",
    }
    return opening.open_ticket(subject=subject, now=now, **(values | fields))
