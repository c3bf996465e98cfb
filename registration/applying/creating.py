"""Writing a registration: at the portal, at a site, and by line 1221."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User

from crs.states import CZECHIA
from logistics.models import District, VaccinationSite
from registration import number
from registration.applying.errors import HomeIsAbroad
from registration.codes import using
from registration.codes.using import CodeTry
from registration.groups.rules import Rule
from registration.models import Person, PriorityClaim, PriorityGroup, Registration
from registration.models.people import NAMES
from registration.people.persons import PersonDetails
from registration.people.telling import tell
from registration.registers import checking
from registration.signals import person_changed


@dataclass(frozen=True)
class Guardian:
    """Who consents for a person under 16."""

    name: str
    relation: str


@dataclass(frozen=True)
class Application:
    """What is said of a registration beside the person: how to reach them, what they claim, who else counts.

    A telephone in E.164, or none. `claim_state` is what is known of the claim to the group of `reason`.
    """

    phone: str
    email: str
    language: str
    reason: PriorityGroup | None = None
    claim_state: PriorityClaim.State = PriorityClaim.State.PENDING
    sites: tuple[VaccinationSite, ...] = ()
    guardian: Guardian | None = None
    is_immobile: bool = False
    home_district: District | None = None
    is_listed: bool = False
    # By which the person waits; None where nobody asked.
    rule: Rule | None = None
    landline: str = ""
    by_letter: bool = False
    way: Registration.Way = Registration.Way.PORTAL
    registered_at_site: VaccinationSite | None = None


def create(
    *,
    person: Person,
    details: PersonDetails,
    application: Application,
    now: datetime,
    by: User | None = None,
    code_try: CodeTry | None = None,
) -> Registration:
    """Write the registration of a locked person who has no standing one, and queue what confirms it.

    What was said last about the person counts; what was not said stays. The registers are asked later. Runs in the
    caller's transaction. Raises HomeIsAbroad, and as `codes.using.use` does where there is a `code_try`.
    """
    _keep_details(person, details, by=by)
    if application.is_immobile and person.country != CZECHIA:
        raise HomeIsAbroad
    guardian = application.guardian
    registration = Registration.objects.create(
        number=number.next_number(),
        person=person,
        phone=application.phone,
        email=application.email,
        language=application.language,
        landline=application.landline,
        by_letter=application.by_letter,
        is_immobile=application.is_immobile,
        home_district=application.home_district,
        guardian_name=guardian.name if guardian else "",
        guardian_relation=guardian.relation if guardian else "",
        registered_at_site=application.registered_at_site,
        way=application.way,
        consented_at=now,
        created_at=now,
    )
    preferred = Registration.preferred_sites.through
    preferred.objects.bulk_create(
        preferred(registration=registration, vaccinationsite=site) for site in application.sites
    )
    if application.reason is not None:
        claim = PriorityClaim.objects.create(
            registration=registration, group=application.reason, state=application.claim_state, made_at=now
        )
        if code_try is not None:
            using.use(code_try=code_try, claim=claim, now=now)
        checking.want(registration=registration, claim=claim, now=now)
    checking.want(registration=registration, now=now)
    is_at_site = application.way == Registration.Way.SITE
    tell(
        registration,
        "registration/registered_at_site" if is_at_site else "registration/registered",
        {
            "number": registration.number,
            "cannot_come": registration.is_immobile,
            "is_listed": application.is_listed,
            "rule": application.rule,
        },
    )
    return registration


def _keep_details(person: Person, details: PersonDetails, *, by: User | None) -> None:
    """Nothing is written where all stands there already, as it does in a row that was made just now."""
    changes = {name: value for name, value in details.changes_of(person).items() if getattr(person, name) != value}
    if not changes:
        return
    Person.objects.filter(pk=person.pk).update(**changes)
    for name, value in changes.items():
        setattr(person, name, value)
    if any(name in changes for name in NAMES):
        person_changed.send(Person, person_id=person.pk, by=by)
