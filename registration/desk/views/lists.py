"""Lists of people: those who cannot come, exports of the ministry, and the log of looks."""

from typing import cast

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from crs.accounts.guards import StaffRequest
from crs.csv_download import Cell, download, streamed
from crs.paging import Paginator
from crs.sent_forms import sending
from logistics.models import District
from logistics.staff.guards import staff_who_may
from registration.desk import exporting, home_visits, look_words
from registration.desk.errors import TooManyRows
from registration.desk.forms import ExportForm, ReasonForm
from registration.desk.pages import all_seen, posted, refused, show
from registration.models import PersonLook, Registration, RegistrationExport
from registration.people.looks import write_down
from registration.people.persons import rows_of, standing_for
from registration.permissions import RegistrationAct
from registration.telephones.phone import readable

LOOKS_ON_A_PAGE = 100
NOWHERE = "bez-okresu"


@staff_who_may(RegistrationAct.LIST_HOME_VISITS)
@require_safe
def home_visit_districts(request: StaffRequest) -> HttpResponse:
    """The districts with people who cannot come."""
    unknown = home_visits.in_district(None).count()
    context = {"districts": home_visits.districts(), "unknown": unknown, "nowhere": NOWHERE}
    return show(request, "home_visit_districts.html", context)


@staff_who_may(RegistrationAct.LIST_HOME_VISITS)
@require_http_methods(["GET", "HEAD", "POST"])
def home_visit_list(request: StaffRequest, district: str) -> HttpResponse:
    """People of a district who cannot come: on the page, as a file or on paper with a reason; handed over when sent."""
    where = None if district == NOWHERE else get_object_or_404(District, pk=district)
    with_all = request.GET.get("vse") == "1"
    rows = list(home_visits.in_district(where, with_handed_over=with_all)[: home_visits.MOST_ON_A_LIST])
    now = timezone.now()
    all_seen(request, [one.person for one in rows], now)
    name = where.name if where else _("district not known")
    form = ReasonForm(request.POST if "soubor" in request.POST or "tisk" in request.POST else None)
    if form.is_valid():
        what = f"home visits {where.pk if where else '–'}"
        write_down(what=what, rows=len(rows), reason=form.cleaned_data["reason"], by=request.user, now=now)
        if "soubor" in request.POST:
            return download("navstevy-doma", _home_visit_lines(rows))
        context = {"rows": rows, "name": name, "now": now}
        return show(request, "home_visit_paper.html", context)
    if "predano" in request.POST:
        chosen = set(request.POST.getlist("osoba"))
        keys = [one.pk for one in rows if str(one.pk) in chosen]
        count = home_visits.hand_over(keys=keys, by=request.user, now=now, form=sending(request))
        text = ngettext("%(count)d person is handed over.", "%(count)d people are handed over.", count)
        messages.success(request, text % {"count": count} + " " + _("Each of them has been told."))
        return redirect("registration:desk_home_visit_list", district)
    context = {"district": district, "name": name, "rows": rows, "form": form, "with_all": with_all}
    return show(request, "home_visit_list.html", {**context, "most": home_visits.MOST_ON_A_LIST})


@staff_who_may(RegistrationAct.EXPORT_REGISTRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: StaffRequest) -> HttpResponse:
    """A file of registrations without names and telephones, for a reason that is kept."""
    form = ExportForm(posted(request))
    if form.is_valid():
        asked = {name: form.cleaned_data[name] for name in ("first", "last", "state", "reason")}
        try:
            lines = exporting.export(**asked, by=request.user, now=timezone.now())
        except TooManyRows as refusal:
            refused(form, refusal)
        else:
            return cast("HttpResponse", streamed("registrace", lines))  # a StreamingHttpResponse is no subclass
    return show(request, "export.html", {"form": form, "exports": _exports()[:20]})


@staff_who_may(RegistrationAct.SEE_PERSON_LOOKS)
@require_safe
def looks(request: StaffRequest, registration_id: int | None = None) -> HttpResponse:
    """Who of the staff looked at whom, and which lists left: of one person, or of all, the newest first."""
    rows = PersonLook.objects.select_related("user", "person", "request").order_by("-at", "-pk")
    registration = None
    if registration_id is None:
        # Whoever reads the whole log looks at everybody in it: that stands in each person's log, not here.
        rows = rows.exclude(page="registration:desk_looks")
    else:
        registration = get_object_or_404(Registration.objects.select_related("person__merged_into"), pk=registration_id)
        people = rows_of(standing_for(registration.person))
        rows = rows.filter(Q(person__in=people) | Q(request__registration__person__in=people))
    page = Paginator(rows, LOOKS_ON_A_PAGE).get_page(request.GET.get("strana"))
    all_seen(request, [one for look in page if (one := look.person or look.request)], timezone.now())
    exports = [] if registration else _exports()
    address = reverse("registration:desk_looks")
    rows_shown = [(look, look_words.of_page(look.page)) for look in page]
    context = {"page": page, "rows": rows_shown, "registration": registration, "exports": exports, "address": address}
    return show(request, "looks.html", context)


def _exports() -> list[tuple[RegistrationExport, str]]:
    rows = RegistrationExport.objects.select_related("user").order_by("-at", "-pk")[:50]
    return [(export, look_words.of_list(export.what)) for export in rows]


def _home_visit_lines(rows: list[Registration]) -> list[tuple[Cell, ...]]:
    found: list[tuple[Cell, ...]] = [
        (
            *(_("Registration number"), _("Surname"), _("First name"), _("Date of birth"), _("Mobile telephone")),
            *(_("Landline"), _("Street and house number"), _("Town or village"), _("Postcode"), _("handed over at")),
        )
    ]
    for one in rows:
        person = one.person
        mobile, landline = (readable(str(number)) if number else "" for number in (one.phone, one.landline))
        handed = timezone.localdate(one.handed_over_at) if one.handed_over_at else None
        found.append(
            (
                *(one.number, person.last_name, person.first_name, person.birth_date, mobile, landline),
                *(person.street, person.city, person.postcode, handed),
            )
        )
    return found
