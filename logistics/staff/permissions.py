"""Who may do what: one table, act by role, and the questions that views, screens and templates ask it.

They name an act, never a role. What the table does not say is refused. docs/permissions.md shows the table
to people; a test compares both. A room above registers its acts in `AppConfig.ready`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from uuid import UUID

from django.apps import apps
from django.contrib.auth.models import User
from django.db.models import Exists, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from logistics.models import SITE_ROLES, SUPPORT_ROLES, Region, Role, StaffRole, Store, VaccinationSite

# Where a role counts:
# - a role at a site: there and in the site's store;
# - the coordinator's: in the region and in the region's own store;
# - the distributor's: in the stores of distributors;
# - the ministry's: everywhere;
# - those of the help desks: at no place; which tickets they reach, `support.tickets.visible` says.
Place = VaccinationSite | Store | Region


class Act(StrEnum):
    """What staff do in logistics."""

    LOOK_UP = auto()  # regions, districts, vaccines, materials, batches
    EDIT_PRODUCTS = auto()  # vaccines with their rules, materials
    SEE_SITE = auto()
    EDIT_SITE = auto()  # hours, contacts, what the site can do
    ADD_SITE = auto()  # and decide what a site is called, where it lies, who provides it
    RUN_SITE = auto()  # open it, pause it, go on
    CLOSE_SITE = auto()  # and every other change of its state
    SEE_STORE = auto()
    USE_DOSES = auto()  # open vials, use doses up, write them off
    KEEP_STOCK = auto()  # establish the store, receive, send, move, count; reverse any document
    ANNOUNCE_DELIVERIES = auto()  # to other stores, from a distributor's or a region's
    ESTABLISH_DISTRIBUTOR = auto()
    SEE_REGION = auto()  # the report over all stores of a region
    SEE_COUNTRY = auto()
    TRACE_BATCHES = auto()  # see in all stores who holds a batch and used it
    BLOCK_BATCH = auto()
    UNBLOCK_BATCH = auto()
    CHANGE_EXPIRY = auto()
    SEE_ROLES = auto()  # the lists of roles and invitations in the admin
    MANAGE_STAFF = auto()  # invite colleagues of a site and take their roles, each by `ranks`
    TAKE_LAST_MANAGER = auto()
    MANAGE_OFFICES = auto()  # the staff of regions, distributors and the ministry
    RESET_ANYBODY = auto()  # a lost second factor, whatever roles the account has
    KEEP_ACCOUNTS = auto()  # an account can be made into anything


@dataclass(frozen=True)
class Grant:
    """The roles that let somebody do an act; superusers do everything.

    A role counts at its own place alone. Where `in_region`, a coordinator's counts at the sites of the region and
    in their stores, too.
    """

    roles: frozenset[Role]
    in_region: bool = False
    # What somebody does, as one reads it after "may": shown where a role is given. Django's own permissions need none.
    does: str | Promise = ""


ANY_ROLE = frozenset(Role) - frozenset(SUPPORT_ROLES)  # the help desks read of sites what everybody reads
MINISTRY = frozenset({Role.MINISTRY})
TEAM = frozenset({Role.MANAGER, Role.REGISTRAR, Role.VACCINATOR})
SUPERUSERS_ALONE = frozenset[Role]()
_KEEPERS = frozenset({Role.STOCK_KEEPER, Role.MANAGER, Role.REGION, Role.DISTRIBUTOR, Role.MINISTRY})
_SITE_MANAGEMENT = frozenset({Role.MANAGER, Role.IT, Role.MINISTRY})

_SITE = """
SELECT s.* FROM logistics_vaccinationsite s
WHERE s.id = %(site)s AND (%(is_superuser)s OR EXISTS (
    SELECT FROM logistics_staffrole r WHERE r.user_id = %(user)s
    AND (r.role = ANY (%(everywhere)s) OR r.role = ANY (%(own)s) AND r.site_id = s.id)
))
"""

_table: dict[str, Grant] = {
    Act.LOOK_UP: Grant(ANY_ROLE, does=_("look up regions, vaccines, materials and batches")),
    Act.EDIT_PRODUCTS: Grant(MINISTRY, does=_("change vaccines, materials and the rules of vaccination")),
    Act.SEE_SITE: Grant(ANY_ROLE, in_region=True, does=_("see the data of vaccination sites")),
    Act.EDIT_SITE: Grant(_SITE_MANAGEMENT, does=_("change a site's hours, contacts and what it can do")),
    Act.ADD_SITE: Grant(MINISTRY, does=_("add vaccination sites and change their names and addresses")),
    Act.RUN_SITE: Grant(MINISTRY | {Role.MANAGER}, does=_("open a site, pause it and go on")),
    Act.CLOSE_SITE: Grant(MINISTRY, does=_("close a site for good and make every other change of its state")),
    Act.SEE_STORE: Grant(ANY_ROLE, in_region=True, does=_("see stock")),
    Act.USE_DOSES: Grant(_KEEPERS | {Role.VACCINATOR}, does=_("open vials, use doses up and write them off")),
    Act.KEEP_STOCK: Grant(_KEEPERS, does=_("receive, send, move and count stock, and correct mistakes")),
    Act.ANNOUNCE_DELIVERIES: Grant(
        MINISTRY | {Role.DISTRIBUTOR, Role.REGION}, does=_("announce deliveries to other stores")
    ),
    Act.ESTABLISH_DISTRIBUTOR: Grant(MINISTRY | {Role.DISTRIBUTOR}, does=_("establish the store of a distributor")),
    Act.SEE_REGION: Grant(MINISTRY | {Role.REGION}, does=_("see the report of all stores of a region")),
    Act.SEE_COUNTRY: Grant(MINISTRY, does=_("see the stock of the whole country")),
    Act.TRACE_BATCHES: Grant(MINISTRY | {Role.DISTRIBUTOR}, does=_("see who holds and used a batch in all stores")),
    Act.BLOCK_BATCH: Grant(MINISTRY | {Role.DISTRIBUTOR}, does=_("block a batch")),
    Act.UNBLOCK_BATCH: Grant(MINISTRY, does=_("unblock a batch")),
    Act.CHANGE_EXPIRY: Grant(MINISTRY, does=_("change the expiry of a batch")),
    Act.SEE_ROLES: Grant(_SITE_MANAGEMENT, does=_("see the lists of roles and invitations in the administration")),
    Act.MANAGE_STAFF: Grant(
        _SITE_MANAGEMENT | {Role.REGION},
        in_region=True,
        does=_("invite colleagues of a site and take their roles away"),
    ),
    Act.TAKE_LAST_MANAGER: Grant(
        MINISTRY | {Role.REGION}, in_region=True, does=_("take the role of a site's last manager away")
    ),
    Act.MANAGE_OFFICES: Grant(MINISTRY, does=_("invite the staff of regions, distributors and the ministry")),
    Act.RESET_ANYBODY: Grant(MINISTRY, does=_("reset the lost second factor of anybody")),
    Act.KEEP_ACCOUNTS: Grant(SUPERUSERS_ALONE, does=_("keep all accounts")),
    # Permissions of Django's, for screens of rooms that know no roles (`role_permissions`). Messages stand below.
    "messaging.view_message": Grant(MINISTRY),
    "messaging.change_message": Grant(MINISTRY),
}


# Of permissions of Django's, by their verb.
_OF_DJANGO = {
    "view": _("see in the administration: %(rows)s"),
    "add": _("add in the administration: %(rows)s"),
    "change": _("change in the administration: %(rows)s"),
}


def register(table: Mapping[str, Grant]) -> None:
    """Add the acts of a room above, among them permissions of Django's such as "registration.view_person".

    Raises ValueError where one stands in the table already.
    """
    if known := _table.keys() & table.keys():
        raise ValueError(f"These acts have a row already: {sorted(known)}")
    _table.update(table)


def grant(act: str) -> Grant:
    """The row of the act. Raises LookupError: nobody does what the table does not say."""
    return _table[act]


def words_of(act: str) -> str:
    """What somebody who may do the act does, as one reads it after "may". Raises LookupError."""
    if does := grant(act).does:
        return str(does)
    app, _dot, name = act.partition(".")
    verb, _line, model = name.partition("_")
    return str(_OF_DJANGO[verb]) % {"rows": apps.get_model(app, model)._meta.verbose_name_plural}


def doings(role: Role) -> list[str]:
    """What the role lets somebody do, in words and in the order of the table."""
    return [words_of(act) for act, row in _table.items() if role in row.roles]


def acts() -> frozenset[str]:
    """All acts of the table."""
    return frozenset(_table)


def roles_at(user: User, place: Place | None = None) -> frozenset[str]:
    """The user's roles that count at `place`, or all of them if it is None. A superuser counts as the ministry."""
    if user.is_superuser:
        return MINISTRY
    mine = StaffRole.objects.filter(user=user)
    if place is not None:
        mine = mine.filter(_counts_at(place))
    return frozenset(mine.values_list("role", flat=True))


def acts_at(user: User, place: Place | None = None) -> frozenset[str]:
    """All acts that the user may do at `place`, or anywhere if it is None. One query."""
    if user.is_superuser:
        return acts()
    held = roles_at(user, place)
    return frozenset(act for act in _table if _is_granted(_table[act], held, place))


def acts_of(user: User) -> frozenset[str]:
    """What the user may do anywhere, asked once for this object, so once a request.

    Django asks for every model on every page of the admin. What has changed since, `may` and `acts_at` know.
    """
    if not hasattr(user, "known_acts"):
        held = _known_roles(user)
        found = acts() if user.is_superuser else {act for act, row in _table.items() if not held.isdisjoint(row.roles)}
        user.known_acts = frozenset(found)  # type: ignore[attr-defined]
    known: frozenset[str] = user.known_acts  # type: ignore[attr-defined]
    return known


def may_everywhere(user: User, act: str) -> bool:
    """Whether the user may do the act at every place; asked once for this object, as `acts_of`."""
    row = grant(act)
    return user.is_superuser or not _known_roles(user).isdisjoint(MINISTRY & row.roles)


def may(user: User, act: str, place: Place | None = None) -> bool:
    """Whether the user may do the act at `place`, or anywhere if it is None. One query. Raises LookupError."""
    row = grant(act)
    return user.is_superuser or _is_granted(row, roles_at(user, place), place)


def sites_where(user: User, act: str) -> QuerySet[VaccinationSite]:
    """The sites at which the user may do the act. Raises LookupError."""
    if _counts_everywhere(user, act):
        return VaccinationSite.objects.all()
    return _sites(user, grant(act))


def site_where(user: User, act: str, site_id: UUID) -> VaccinationSite | None:
    """The site, if the user may do the act there (`sites_where`); one query. Raises LookupError.

    Each page of a site asks it, so it is text: the ORM took six times as long (docs/performance.md).
    """
    row = grant(act)
    if row.in_region:
        return sites_where(user, act).filter(pk=site_id).first()
    told = {"site": site_id, "user": user.pk, "is_superuser": user.is_superuser}
    roles = {"everywhere": list(MINISTRY & row.roles), "own": [role for role in SITE_ROLES if role in row.roles]}
    return next(iter(VaccinationSite.objects.raw(_SITE, {**told, **roles})), None)


def stores_where(user: User, act: str) -> QuerySet[Store]:
    """The stores in which the user may do the act. Raises LookupError."""
    if _counts_everywhere(user, act):
        return Store.objects.all()
    counting = _counting(user, grant(act))
    sites = _sites(user, grant(act))
    is_distributor = Q(Exists(counting.filter(role=Role.DISTRIBUTOR)), kind=Store.Kind.DISTRIBUTOR)
    regions = counting.filter(role=Role.REGION).values("region")
    return Store.objects.filter(Q(site__in=sites) | Q(region__in=regions) | is_distributor)


def regions_where(user: User, act: str) -> QuerySet[Region]:
    """The regions, as a whole, for which the user may do the act. Raises LookupError."""
    if _counts_everywhere(user, act):
        return Region.objects.all()
    return Region.objects.filter(pk__in=_counting(user, grant(act)).filter(role=Role.REGION).values("region"))


def keepers_of(stores: QuerySet[Store]) -> QuerySet[StaffRole]:
    """The roles of those who keep the stock of one of `stores`; not the ministry's, which count everywhere."""
    return StaffRole.objects.filter(
        Q(site__store__in=stores)
        | Q(region__store__in=stores)
        | Q(Exists(stores.filter(kind=Store.Kind.DISTRIBUTOR)), role=Role.DISTRIBUTOR),
        role__in=grant(Act.KEEP_STOCK).roles,
    )


def _known_roles(user: User) -> frozenset[str]:
    if not hasattr(user, "known_roles"):
        user.known_roles = roles_at(user)  # type: ignore[attr-defined]
    known: frozenset[str] = user.known_roles  # type: ignore[attr-defined]
    return known


def _is_granted(row: Grant, held: frozenset[str], place: Place | None) -> bool:
    counting = held
    if _site_of(place) and not row.in_region:
        counting = held - {Role.REGION}
    return not counting.isdisjoint(row.roles)


def _counts_everywhere(user: User, act: str) -> bool:
    row = grant(act)
    return user.is_superuser or _counting(user, row).filter(role=Role.MINISTRY).exists()


def _counting(user: User, row: Grant) -> QuerySet[StaffRole]:
    """The user's roles that the row names."""
    return StaffRole.objects.filter(user=user, role__in=row.roles)


def _sites(user: User, row: Grant) -> QuerySet[VaccinationSite]:
    """The sites at which a role of the user counts that the row names."""
    counting = _counting(user, row)
    own = VaccinationSite.objects.filter(pk__in=counting.filter(role__in=SITE_ROLES).values("site"))
    if not row.in_region:
        return own
    return own | VaccinationSite.objects.in_regions(counting.filter(role=Role.REGION).values("region"))


def _counts_at(place: Place) -> Q:
    """The roles that count at the place."""
    everywhere = Q(role=Role.MINISTRY)
    if site := _site_of(place):
        return everywhere | Q(site=site) | Q(role=Role.REGION, region__in=Region.objects.of_site(site))
    region = place.pk if isinstance(place, Region) else place.region_id if isinstance(place, Store) else None
    return everywhere | (Q(role=Role.REGION, region=region) if region else Q(role=Role.DISTRIBUTOR))


def _site_of(place: Place | None) -> UUID | None:
    """The key of the site that the place is or whose store it is."""
    if isinstance(place, VaccinationSite):
        return place.pk
    return place.site_id if isinstance(place, Store) else None
