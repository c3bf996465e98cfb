"""Who may do what: docs/permissions.md against the table of acts, and every page of staff against both.

`PAGES` and `SCREENS` name the act of each page once more. A page that nobody listed, a page without its guard and a
page that asks for another act all fail here.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client, RequestFactory
from django.urls import ResolverMatch, URLPattern, URLResolver, get_resolver, resolve, reverse
from django.utils import timezone, translation

from certificates.models import Delivery, IssueRequest, ListReading, RevocationBatch, SeriesCoding, VaccineCoding
from certificates.models.coding import DatedCode
from crs.messaging.models import LetterBatch, Message
from logistics.models import (
    AnnouncedDelivery,
    Region,
    Role,
    StaffInvitation,
    StaffRole,
    StockBalance,
    StockDocument,
    Store,
    VaccinationSite,
)
from logistics.models.staff import SITE_ROLES, SUPPORT_ROLES
from logistics.staff import guards, permissions, start_page
from logistics.staff.permissions import Act, Place
from logistics.stock import ledger
from logistics.stock.ledger import EntryLine
from registration.models import LineRequest, Mismatch, Person, PersonMerge, RegisterCheck, RegistrationClaim
from reservation.models import (
    AffectedAppointment,
    Appointment,
    Closure,
    PlannedMove,
    Replan,
    Reservation,
    SubstituteCall,
    SubstituteOffer,
)
from support.models import (
    Attachment,
    CannedAnswer,
    Letter,
    RawLetter,
    SavedView,
    SharedAnswer,
    StoredFile,
    TicketLink,
)
from tests.factories import (
    NOW,
    context,
    make_account,
    make_certificate,
    make_codes,
    make_distributor,
    make_event,
    make_incident,
    make_invitation,
    make_open_vial,
    make_opening_rule,
    make_page_letter,
    make_registration,
    make_reservation,
    make_rule,
    make_site,
    make_sitting,
    make_slot,
    make_staff,
    make_store,
    make_ticket,
    make_vials,
    make_visit,
    make_worker,
    put,
)
from tests.pages import log_in
from vaccination.models import DayClosing, ObservationTime

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "permissions.md"
ROLES = (*SITE_ROLES, Role.REGION, Role.DISTRIBUTOR, Role.MINISTRY, *SUPPORT_ROLES)  # the columns of the document
HERE, ELSEWHERE = "CZ031", "CZ064"
SIGNED_IN = "signed in"  # no act: for everybody of staff, also without a role


@dataclass(frozen=True)
class Page:
    """The act that a page asks for, and the kind of its place: site, region or "" (anywhere)."""

    act: str
    place: str = ""
    arguments: Callable[["Rows"], list[object]] = lambda rows: []


@dataclass(frozen=True)
class Screen:
    """The acts that a screen of the admin asks for; its rows lie at the site, or have no place."""

    see: str
    add: str = ""
    change: str = ""
    delete: str = ""
    place: str = ""


@dataclass(frozen=True)
class Somebody:
    """A member of staff: their role, and whether its place is the one that is asked about."""

    user: User
    role: Role | None
    is_here: bool
    is_superuser: bool = False

    def __str__(self) -> str:
        return f"{self.role or self.user.username} {'here' if self.is_here else 'elsewhere'}"


@dataclass
class Rows:
    """What the addresses name."""

    site: VaccinationSite
    store: Store
    firm: Store
    region_store: Store
    documents: dict[str, int] = field(default_factory=dict)
    of_day: dict[str, object] = field(default_factory=dict)
    batch: int = 0
    role: int = 0


def at_site(act: str, *names: str) -> Page:
    """A page about the site, or about its store."""
    return Page(act, "site", lambda rows: [_argument(rows, name) for name in names])


def _argument(rows: Rows, name: str) -> object:
    if name in rows.documents:
        return rows.documents[name]
    if name in rows.of_day:
        return rows.of_day[name]
    return {"site": rows.site.pk, "store": rows.store.pk, "role": rows.role}.get(name, name)


def of_ticket(act: str, name: str) -> Page:
    """A page about a ticket of no site, which all of the desks see."""
    return Page(act, "", lambda rows: [rows.of_day[name]])


def batch_page(act: str) -> Page:
    return Page(act, "", lambda rows: [rows.batch])


def rule_page(*names: str) -> Page:
    """A page about a priority group, or about a planned rule of it."""
    return Page("edit_group_rules", "", lambda rows: ["age-5", *(rows.of_day[name] for name in names)])


def code_page(*names: str) -> Page:
    """A page about a batch of registration codes."""
    return Page("issue_codes", "", lambda rows: [rows.of_day[name] for name in names])


PAGES = {
    "accounts:password": Page(SIGNED_IN),
    "accounts:recovery_codes": Page(SIGNED_IN),
    "accounts:device": Page(SIGNED_IN),
    "logistics:account": Page(SIGNED_IN),
    "logistics:site_staff": at_site("manage_staff", "site"),
    "logistics:office_staff": Page("manage_offices"),
    "logistics:take_role": at_site("manage_staff", "role"),  # a vaccinator's, which all of them may give
    "logistics:reset_second_factor": at_site("manage_staff", "role"),
    "logistics:withdraw_invitation": at_site("manage_staff", "staff_invitation"),  # to be a vaccinator
    "logistics:stock_home": Page(SIGNED_IN),  # it lists the stores of the user
    "logistics:establish": at_site("keep_stock", "site"),
    "logistics:establish_distributor": Page("establish_distributor"),
    "logistics:establish_region": Page("keep_stock", "region", lambda rows: [HERE]),
    "logistics:store": at_site("see_store", "store"),
    "logistics:documents": at_site("see_store", "store"),
    "logistics:document": at_site("see_store", "store", "RECEIPT"),
    "logistics:delivery_note": at_site("see_store", "store", "DISPATCH"),
    "logistics:open": at_site("use_doses", "store"),
    "logistics:consume": at_site("use_doses", "store"),
    "logistics:waste": at_site("use_doses", "store"),
    "logistics:reverse": at_site("use_doses", "store", "OPENING"),
    "logistics:receive": at_site("keep_stock", "store"),
    "logistics:storage": at_site("keep_stock", "store"),
    "logistics:stocktake": at_site("keep_stock", "store"),
    "logistics:send": at_site("keep_stock", "store"),
    "logistics:delivery": at_site("keep_stock", "store", "DISPATCH"),
    "logistics:announced": at_site("see_store", "store"),
    "logistics:announce": at_site("announce_deliveries", "store"),
    "logistics:announced_withdraw": at_site("announce_deliveries", "store", "announced"),
    "logistics:announced_settle": at_site("keep_stock", "store", "awaited"),
    "logistics:batches": Page("look_up"),
    "logistics:batch": batch_page("look_up"),
    "logistics:batch_uses": batch_page("look_up"),
    "logistics:batch_block": batch_page("block_batch"),
    "logistics:batch_unblock": batch_page("unblock_batch"),
    "logistics:batch_expiry": batch_page("change_expiry"),
    "logistics:overview": Page("see_store"),
    "logistics:overview_csv": Page("see_country", "", lambda rows: ["zasoby"]),
    "logistics:region_report": Page("see_region", "region", lambda rows: [HERE]),
    "logistics:region_csv": Page("see_region", "region", lambda rows: [HERE, "zasoby"]),
    "logistics:store_report": at_site("see_store", "store"),
    "logistics:store_csv": at_site("see_store", "store", "zasoby"),
    "vaccination:home": Page("see_day"),
    "vaccination:day": at_site("see_day", "site"),
    "vaccination:questions": at_site("ask_questions", "site", "visit"),
    "vaccination:timeline": at_site("see_timeline", "site", "registration"),
    "vaccination:walk_in": at_site("check_in", "site"),
    "vaccination:register_walk_in": at_site("register_walk_in", "site"),
    "vaccination:day_list_pdf": at_site("see_day", "site"),
    "vaccination:search": at_site("see_day", "site"),
    "vaccination:person": at_site("see_day", "site", "registration"),
    "vaccination:check_in_today": at_site("check_in", "site", "registration"),
    "vaccination:check_in": at_site("check_in", "site", "appointment"),
    "vaccination:visit": at_site("see_day", "site", "visit"),
    "vaccination:undo_check_in": at_site("check_in", "site", "visit"),
    "vaccination:send_away": at_site("check_in", "site", "visit"),
    "vaccination:team": at_site("manage_team", "site"),
    "vaccination:add_station": at_site("manage_team", "site"),
    "vaccination:close_station": at_site("manage_team", "site", "station"),
    "vaccination:add_worker": at_site("manage_team", "site"),
    "vaccination:worker": at_site("manage_team", "site", "worker"),
    "vaccination:my_worker": at_site("give_doses", "site"),
    "vaccination:vials": at_site("give_doses", "site"),
    "vaccination:choose_station": at_site("give_doses", "site"),
    "vaccination:open_vial": at_site("give_doses", "site", "station"),
    "vaccination:end_vial": at_site("give_doses", "site", "vial"),
    "vaccination:spoil_dose": at_site("give_doses", "site", "vial"),
    "vaccination:extra_dose": at_site("give_doses", "site", "vial"),
    "vaccination:take_back_waste": at_site("give_doses", "site", "vial"),
    "vaccination:take_up_vial": at_site("give_doses", "site", "vial"),
    "vaccination:closing": at_site("close_day", "site"),
    "vaccination:closings": at_site("close_day", "site"),
    "vaccination:reopen_day": at_site("reopen_day", "site", "closing"),
    "vaccination:vaccinate": at_site("give_doses", "site", "visit"),
    "vaccination:dose": at_site("see_day", "site", "dose"),
    "vaccination:dose_paper": at_site("see_day", "site", "dose"),
    "vaccination:next_time": at_site("give_doses", "site", "dose"),
    "vaccination:correct_dose": at_site("correct_doses", "site", "dose"),
    "vaccination:annul_dose": at_site("correct_doses", "site", "dose"),
    "vaccination:late_entry": at_site("give_doses", "site"),
    "vaccination:overrides": at_site("see_overrides", "site"),
    "vaccination:observation": at_site("observe", "site"),
    "vaccination:leave": at_site("observe", "site", "sitting"),
    "vaccination:take_leave_back": at_site("observe", "site", "sitting"),
    "vaccination:prolong": at_site("observe", "site", "sitting"),
    "vaccination:observation_time": at_site("manage_team", "site"),
    "vaccination:report_event": at_site("report_events", "site", "dose"),
    "vaccination:events": at_site("report_events", "site"),
    "vaccination:event": at_site("report_events", "site", "event"),
    "vaccination:add_to_event": at_site("report_events", "site", "event"),
    "vaccination:correct_outcome": at_site("report_events", "site", "event", "reaction"),
    "vaccination:nullify_event": at_site("report_events", "site", "event"),
    "vaccination:event_pdf": at_site("report_events", "site", "event"),
    "certificates:held": Page("decide_held"),
    "certificates:decide_held": Page("decide_held", "", lambda rows: [1]),
    "certificates:day": at_site("see_certificates", "site"),
    "certificates:print_day": at_site("print_certificates", "site"),
    "certificates:issue_missing": at_site("issue_certificates", "site"),
    "certificates:person": at_site("see_certificates", "site", "registration"),
    "certificates:spelling": at_site("issue_certificates", "site", "registration"),
    "certificates:issue_and_print": at_site("issue_certificates", "site", "dose"),
    "certificates:issue_anew": at_site("issue_certificates", "site", "dose"),
    "certificates:give_back": at_site("revoke_certificates", "site", "dose"),
    "certificates:print": at_site("print_certificates", "site", "certificate"),
    "certificates:send": at_site("send_certificates", "site", "certificate"),
    "certificates:print_password": at_site("send_certificates", "site", "delivery"),
    "certificates:revoke": at_site("revoke_certificates", "site", "certificate"),
    "reservation:coverage": at_site("see_coverage", "site"),
    "reservation:coverage_of_sites": Page("see_coverage"),
    "support:desk": Page("work_tickets"),
    "support:search": Page("work_tickets"),
    "support:search_number": Page("see_numbers"),
    "support:saved_views": Page("work_tickets"),
    "support:save_view": Page("work_tickets"),
    "support:saved_view": of_ticket("edit_canned", "shared_view"),
    "support:canned_answers": Page("edit_canned"),
    "support:add_canned_answer": Page("edit_canned"),
    "support:canned_answer": of_ticket("edit_canned", "canned_answer"),
    "support:keys": Page("work_tickets"),
    "support:answer": Page("work_tickets"),
    **{f"support:{name}": of_ticket("work_tickets", "ticket") for name in ("ticket", "claim", "release", "note")},
    **{f"support:{name}": of_ticket("work_tickets", "ticket") for name in ("escalate", "hand_back", "sort", "merge")},
    **{f"support:{name}": of_ticket("work_tickets", "ticket") for name in ("resolve", "close", "reopen", "take_apart")},
    "support:ticket_incident": of_ticket("work_tickets", "ticket"),
    "support:assign": of_ticket("assign_tickets", "ticket"),
    "support:attachment": of_ticket("work_tickets", "attachment"),
    "support:preview": of_ticket("work_tickets", "attachment"),
    "support:raw": of_ticket("see_numbers", "letter"),
    "support:send_again": of_ticket("work_tickets", "answer"),
    "support:settle": of_ticket("work_tickets", "answer"),
    "support:link": of_ticket("work_tickets", "ticket"),
    "support:unlink": Page("work_tickets", "", lambda rows: [rows.of_day["ticket"], 1]),
    "support:timeline": Page("open_timeline", "", lambda rows: [rows.of_day["ticket"], rows.of_day["ticket_link"]]),
    "support:looks": Page("see_access_log"),
    "support:looks_at_ticket": of_ticket("see_access_log", "ticket"),
    "support:figures": Page("see_figures"),
    "support:figures_table": Page("see_figures"),
    "support:incidents": Page(SIGNED_IN),  # the buttons on it are for those who run them
    "support:declare_incident": Page("run_incidents"),
    "support:incident": Page("run_incidents", "", lambda rows: [rows.of_day["incident"]]),
    "support:change_incident": Page("run_incidents", "", lambda rows: [rows.of_day["incident"]]),
    "support:end_incident": Page("run_incidents", "", lambda rows: [rows.of_day["incident"]]),
    "support:reopen_incident": Page("run_incidents", "", lambda rows: [rows.of_day["incident"]]),
    "support:answer_incident": Page("assign_tickets", "", lambda rows: [rows.of_day["incident"]]),
    "support:try_answer_again": Page("assign_tickets", "", lambda rows: [rows.of_day["shared_answer"]]),
    "support:site_tickets": at_site("follow_tickets", "site"),
    "support:new_site_ticket": at_site("follow_tickets", "site"),
    "support:site_ticket": at_site("follow_tickets", "site", "site_ticket"),
    "support:close_site_ticket": at_site("follow_tickets", "site", "site_ticket"),
    "support:site_attachment": at_site("follow_tickets", "site", "site_file"),
    "support:site_message": Page(SIGNED_IN),  # a form there names its site: tests/support/following/
    **{f"registration:{name}": Page("post_letters") for name in ("letters", "gather_letters", "letter_returned")},
    **{
        f"registration:{name}": Page("post_letters", "", lambda rows: [rows.of_day["letter_batch"]])
        for name in ("letter_batch", "print_letters", "post_letters")
    },
    "registration:desk": Page("find_registrations"),
    "registration:desk_registration": of_ticket("find_registrations", "registration"),
    "registration:desk_register": Page("register_callers"),
    "registration:desk_contact": of_ticket("register_callers", "registration"),
    "registration:desk_correct": of_ticket("correct_people", "registration"),
    "registration:desk_end": of_ticket("end_registrations", "registration"),
    "registration:desk_reopen": of_ticket("end_registrations", "registration"),
    "registration:desk_merge": of_ticket("merge_people", "registration"),
    "registration:desk_take_apart": of_ticket("merge_people", "joining"),
    "registration:desk_claims": Page("decide_claims"),
    "registration:desk_claim": of_ticket("decide_claims", "claim"),
    "registration:mismatches": Page("decide_mismatches"),
    "registration:mismatch": of_ticket("decide_mismatches", "mismatch"),
    "registration:mismatch_ask": of_ticket("decide_mismatches", "mismatch"),
    "registration:mismatch_number": of_ticket("decide_mismatches", "mismatch"),
    "registration:desk_requests": Page("answer_requests"),
    "registration:desk_request": of_ticket("answer_requests", "line_request"),
    "registration:desk_home_visits": Page("list_home_visits"),
    "registration:desk_home_visit_list": Page("list_home_visits", "", lambda rows: ["CZ0317"]),
    "registration:desk_export": Page("export_registrations"),
    "registration:desk_looks": Page("see_person_looks"),
    "registration:desk_looks_at": of_ticket("see_person_looks", "registration"),
    "registration:codes": Page("issue_codes"),
    "registration:codes_search": Page("issue_codes"),
    "registration:issue_codes": Page("issue_codes"),
    **{f"registration:{name}": code_page("code_batch") for name in ("code_batch", "code_file", "revoke_batch")},
    "registration:revoke_code": code_page("code_batch", "code"),
    "reservation:calendar_sites": Page("see_slots"),
    "reservation:calendar_month": at_site("see_slots", "site"),
    "reservation:calendar_week": at_site("see_slots", "site", "on"),
    "reservation:calendar_day": at_site("see_slots", "site", "on"),
    "reservation:calendar_slot": at_site("change_slots", "site", "slot"),
    **{
        f"reservation:{name}": at_site("see_reservations", "site", "on")
        for name in ("calendar_people", "calendar_people_pdf", "calendar_people_csv")
    },
    **{f"reservation:{name}": at_site("edit_rules", "site") for name in ("opening_rules", "add_opening_rule")},
    **{
        f"reservation:{name}": at_site("edit_rules", "site", "opening_rule")
        for name in ("change_opening_rule", "end_opening_rule")
    },
    **{f"reservation:{name}": at_site("close_times", "site") for name in ("closures", "close_time")},
    **{f"reservation:{name}": at_site("close_times", "site", "closure") for name in ("closure", "lift_closure")},
    "reservation:postponement_at_site": at_site("postpone", "site", "registration"),
    "reservation:postponement_of_caller": of_ticket("register_callers", "registration"),
    "reservation:audit": Page("audit_order"),
    "reservation:audit_file": Page("audit_order"),
    "reservation:audit_reservation": of_ticket("audit_order", "reservation"),
    "reservation:substitute_calls": at_site("call_substitutes", "site"),
    **{
        f"reservation:{name}": at_site("call_substitutes", "site", "substitute_call")
        for name in ("substitute_call", "end_substitute_call")
    },
    "reservation:answer_for_substitute": at_site("call_substitutes", "site", "substitute_call", "substitute_offer"),
    "reservation:substitute_of_caller": of_ticket("register_callers", "registration"),
    "reservation:pin2_of_caller": of_ticket("register_callers", "registration"),
    "reservation:times_at_site": at_site("change_times", "site", "registration"),
    "reservation:times_of_caller": of_ticket("register_callers", "registration"),
    **{f"reservation:{name}": Page("replan") for name in ("replans", "start_replan")},
    **{
        f"reservation:{name}": at_site("replan", "replan")
        for name in ("replan", "publish_replan", "discard_replan", "undo_replan", "replan_calls")
    },
    "reservation:reached_by_call": at_site("replan", "replan", "planned_move"),
    "reservation:call_lists": Page("see_slots"),
    "reservation:call_list": at_site("call_affected", "site"),
    **{f"reservation:call_list_{name}": at_site("call_affected", "site") for name in ("file", "paper")},
    **{
        f"reservation:{name}": at_site("call_affected", "site", "affected")
        for name in ("call", "record_call", "move_affected", "keep_affected")
    },
    "admin:index": Page(SIGNED_IN),
    "admin:jsi18n": Page(SIGNED_IN),
    "admin:logistics_vaccinationsite_state": at_site("see_site", "site"),
    "registration:groups": Page("edit_group_rules"),
    "registration:add_group": Page("edit_group_rules"),
    "registration:group": rule_page(),
    "registration:edit_group": rule_page(),
    "registration:plan_rule": rule_page(),
    "registration:change_rule": rule_page("rule"),
    "registration:withdraw_rule": rule_page("rule"),
}
SCREENS = {
    "auth_user": Screen(*["keep_accounts"] * 4),
    "auth_group": Screen(*["keep_accounts"] * 4),
    "logistics_region": Screen("look_up"),
    "logistics_district": Screen("look_up"),
    "logistics_vaccine": Screen("look_up", *["edit_products"] * 3),
    "logistics_material": Screen("look_up", *["edit_products"] * 3),
    "logistics_batch": Screen("look_up"),
    "logistics_vaccinationsite": Screen("see_site", add="add_site", change="edit_site", place="site"),
    "logistics_store": Screen("see_store", change="keep_stock", place="site"),
    "logistics_stockdocument": Screen("see_store", place="site"),
    "logistics_stockbalance": Screen("see_store", place="site"),
    "logistics_staffrole": Screen("see_roles", place="site"),
    "logistics_staffinvitation": Screen("see_roles", place="site"),
    "messaging_message": Screen("messaging.view_message"),
    "vaccination_questionnaire": Screen(*["edit_products"] * 4),
    "vaccination_observationtime": Screen(*["edit_products"] * 4),
    "vaccination_question": Screen("edit_products", change="edit_products", delete="edit_products"),
    "certificates_certificate": Screen("certificates.view_certificate"),
    "certificates_issuerequest": Screen("certificates.view_issuerequest"),
    "certificates_delivery": Screen("certificates.view_delivery"),
    "certificates_signercertificate": Screen("certificates.view_signercertificate"),
    "certificates_signingkey": Screen("certificates.view_signingkey"),
    "certificates_listreading": Screen("certificates.view_listreading"),
    "certificates_revocationbatch": Screen("certificates.view_revocationbatch"),
    "certificates_vaccinecoding": Screen(*["edit_codes"] * 4),
    "certificates_seriescoding": Screen(*["edit_codes"] * 4),
    "certificates_valuesetentry": Screen(*["edit_codes"] * 4),
    "support_category": Screen("support.view_category", add="support.add_category", change="support.change_category"),
    "support_levelrule": Screen("support.view_levelrule", change="support.change_levelrule"),
    "registration_person": Screen("registration.view_person"),
    "registration_registration": Screen("registration.view_registration"),
    "registration_registrationclaim": Screen("registration.view_registrationclaim"),
    "registration_prioritygroup": Screen("edit_group_rules"),
    "reservation_postponementrule": Screen(*["edit_products"] * 4),
    "reservation_invitation": Screen("reservation.view_invitation"),
    "reservation_reservation": Screen("see_reservations", place="site"),
}
ACTIONS = {
    "reset_second_factor": "keep_accounts",
    "send_again": "messaging.change_message",
    "release_holds": "reservation.change_reservation",
    "copy_version": "edit_products",
}
# For citizens, for those who log in, and for gateways: what guards these stands in the tests of their rooms.
PUBLIC = {
    *("home", "switch_language", "security_txt", "captcha_picture", "captcha_sound"),
    *("privacy", "accessibility", "operator"),
    *(f"registration:{name}" for name in ("phone", "pin", "resend", "form", "review", "done", "finish", "mine")),
    *(f"registration:my_{name}" for name in ("registration", "email", "email_code", "phone", "phone_pin", "sites")),
    *(f"registration:my_{name}" for name in ("home", "reason", "reason_withdrawn", "leaving", "return")),
    *(f"registration:my_{name}" for name in ("other_phone", "data", "data_file", "going_on")),
    *(f"registration:{name}" for name in ("code_key", "held_batch", "revoke_held_code", "leave_batch")),
    *(f"reservation:{name}" for name in ("log_in", "site", "day", "time", "hold", "confirm", "confirmed")),
    *(f"reservation:{name}" for name in ("pdf", "calendar", "log_out", "postponement", "withdraw_postponement")),
    *(f"reservation:{name}" for name in ("substitute", "my_substitute", "substitute_offer")),
    *(f"reservation:{name}" for name in ("pdf", "calendar", "log_out", "my_pin2")),
    *(f"reservation:{name}" for name in ("changes", "move", "move_site", "move_day", "move_time", "cancel")),
    *("reservation:cannot_come", "reservation:open_link"),
    *("reservation:seat_offer", "reservation:waiting_list"),
    *("reservation:replanned", "reservation:accept_replanned", "reservation:choose_replanned"),
    *("reservation:cannot_come", "reservation:open_link", "reservation:together", "reservation:alone"),
    *("reservation:report", "reservation:report_json", "reservation:report_csv"),
    "vaccination:home_questions",
    *(f"certificates:{name}" for name in ("check", "check_file", "check_number", "verify")),
    *(f"accounts:{name}" for name in ("log_in", "code", "set_up", "log_out")),
    *(f"accounts:{name}" for name in ("forgotten_password", "reset_code", "new_password")),
    *(f"logistics:{name}" for name in ("sites", "site", "invitation", "accept")),
    *(f"certificates:{name}" for name in ("trust_list_json", "trust_list_pem", "dcc_context")),
    *(f"certificates:{name}" for name in ("dcc_update", "dcc_status", "dcc_status_delta")),
    *(f"messaging:{name}" for name in ("inbox", "attachment", "twilio_status")),
    *(f"certificates:{name}" for name in ("signed_revocations", "revocations")),
    *(f"certificates:{name}" for name in ("revocation_batches", "revocation_batch")),
    *("support:state", "support:state_json"),
    *("admin:login", "admin:logout"),
}
# Django's own, which ask the screens above; the unnamed ones only lead on. Passwords are changed on our page,
# and the form for other people's (auth_user_password_change) asks as the screen of accounts.
ADMINS_OWN = {"password_change", "password_change_done", "autocomplete", "view_on_site", "app_list", "None"}


def documented() -> dict[str, dict[Role, str]]:
    """The table of the document: by act and role "yes", "own", "sites" or "–"."""
    found = re.findall(r"^\| `([\w.]+)` \| (.*) \|$", DOCUMENT.read_text(), re.MULTILINE)
    return {act: dict(zip(ROLES, cells.split(" | "), strict=True)) for act, cells in found}


TABLE = documented()


def may(somebody: Somebody, act: str, place: str) -> bool:
    """What the document says: "site" is the one here with its store, "region" its region, "firm" the distributor's."""
    if act == "":  # nobody does it
        return False
    if somebody.is_superuser or act == SIGNED_IN:
        return True
    if somebody.role is None or TABLE[act][somebody.role] == "–":
        return False
    if place == "" or somebody.role == Role.MINISTRY:
        return True
    if somebody.role == Role.DISTRIBUTOR:
        return place == "firm"
    if somebody.role in SUPPORT_ROLES:
        return False
    if somebody.role == Role.REGION:
        return somebody.is_here and (place == "region" or (place == "site" and TABLE[act][somebody.role] == "sites"))
    return somebody.is_here and place == "site"


@pytest.fixture
def rows() -> Rows:
    """One row of each kind at the site here."""
    store, vials = make_store(), make_vials()
    site, now = store.site, timezone.now()
    begins = timezone.localdate() + timedelta(days=9)
    VaccineCoding.objects.create(vaccine_id="comirnaty", valid_from=begins, prophylaxis="x", product="y", holder="z")
    SeriesCoding.objects.create(series_doses=1, number=1, valid_from=begins, dose_number=1, total_doses=1)
    assert site
    firm = make_distributor()
    region_store = ledger.establish(region=Region.objects.get(pk=HERE), context=context())
    put(store, vials, 9)
    put(firm, vials, 9)
    ledger.open_vials(store=store, item=vials, vials=1, doses=6, context=context())
    ledger.send(store=firm, to=store, lines=[EntryLine(vials, 1)], context=context())
    documents = {kind: StockDocument.objects.filter(kind=kind).order_by("pk")[0].pk for kind in ("RECEIPT", "OPENING")}
    documents["DISPATCH"] = StockDocument.objects.get(kind="DISPATCH").pk
    assert vials.batch_id
    colleague = StaffRole.objects.get(user=make_staff(Role.VACCINATOR, site=site, name="kolega"))
    promise = {"vaccine_id": "comirnaty", "doses": 6, "expected_on": begins, "announced_at": now}
    for name, sender, to in (("awaited", firm, store), ("announced", store, firm)):
        made = AnnouncedDelivery.objects.create(sender=sender, store=to, announced_by=colleague.user, **promise)
        documents[name] = made.pk
    asked = StaffInvitation.objects.create(
        email="x@example.cz",
        role=Role.VACCINATOR,
        site=site,
        code_hash="x",
        invited_by=colleague.user,
        invited_at=now,
        expires_at=now + timedelta(days=7),
    )
    Group.objects.create(name="skupina")
    Message.objects.create(channel="SMS", recipient="+420601234567", template="x/y", language="cs", text="Ahoj")
    registration = make_registration()
    make_invitation(registration)
    claim = RegistrationClaim.objects.create(
        number="2",
        person=registration.person,
        phone="+420602345678",
        typed='{"birth_date": "1980-01-01"}',
    )
    line_request = LineRequest.objects.create(
        number="3", phone="+420602345678", language="cs", typed='{"birth_date": "1980-01-01"}'
    )
    joining = PersonMerge.objects.create(
        kept=registration.person, joined=make_registration().person, made_by=colleague.user, reason="x"
    )
    slot = make_slot(site=site, capacity=3)
    reservation = Reservation.objects.create(
        registration=registration, state="HELD", pairing="EXACT", held_until=now + timedelta(hours=1)
    )
    for dose in (1, 2):
        Appointment.objects.create(reservation=reservation, dose_number=dose, slot=slot)
    vial, visit = make_open_vial(site), make_visit(registration, site=site)
    of_day: dict[str, object] = {"vial": vial.pk, "station": vial.station_id, "worker": make_worker(site).pk}
    of_day["staff_invitation"] = asked.pk
    of_day |= {"visit": visit.pk, "registration": registration.pk, "appointment": visit.appointment_id}
    check = RegisterCheck.objects.create(registration=registration, register="INSURERS", state="DISAGREES")
    mismatch = Mismatch.objects.create(check_done=check, kind="NOT_FOUND", due_at=now)
    of_day |= {"mismatch": mismatch.pk, "reservation": make_reservation(site=site).pk}
    of_day |= {"claim": claim.pk, "line_request": line_request.pk, "joining": joining.pk}
    event = make_event(make_sitting(site))
    of_day |= {"sitting": event.dose.visit_id, "dose": event.dose_id, "event": event.pk}
    of_day["reaction"] = event.reactions.get().pk
    certificate = make_certificate(event.dose)
    sent = Delivery.objects.create(certificate=certificate, asked_at=now, language="cs", password_way="PAPER")
    request = IssueRequest.objects.create(dose=event.dose, cause="RENEWED", asked_at=now)
    of_day |= {"certificate": certificate.pk, "delivery": sent.pk, "request": request.pk}
    ListReading.objects.create(kind="TRUST", source="x", issued_at=now, read_at=now, entries=1)
    RevocationBatch.objects.create(
        batch_id="x", origin="OWN", country="CZ", kid="x", hash_type="UCI", made_at=now, expires_at=now
    )
    letter = make_page_letter(make_ticket(site=site, way="SITE_PAGE", requester=colleague.user), by=colleague.user)
    of_day |= {"site_ticket": letter.ticket_id, "site_file": letter.attachments.get().pk}
    of_day["rule"] = make_rule("age-5", valid_from=now + timedelta(days=3)).pk
    codes, _codes = make_codes(by=colleague.user)
    of_day["letter_batch"] = LetterBatch.objects.create().pk
    of_day |= {"code_batch": codes.pk, "code": codes.codes.get().pk}
    problem = make_incident()
    of_day["incident"] = problem.pk
    of_day |= {"slot": slot.pk, "on": NOW.date()}
    of_day["shared_answer"] = SharedAnswer.objects.create(
        incident=problem, text_cs="x", text_en="x", by=problem.declared_by, at=now
    ).pk
    of_day |= _of_a_ticket(now)
    counts = dict.fromkeys(("expected", "vaccinated", "missed", "doses_given", "doses_consumed", "doses_wasted"), 0)
    day = NOW.date() - timedelta(days=1)
    hour = {"starts_at": now, "ends_at": now + timedelta(hours=1)}
    of_day["opening_rule"] = make_opening_rule(site).pk
    of_day["closure"] = Closure.objects.create(site=site, reason="x", made_by=colleague.user, **hour).pk
    of_day["affected"] = AffectedAppointment.objects.create(
        appointment=reservation.appointments.all()[0], slot=slot, cause="HOURS"
    ).pk
    call = SubstituteCall.objects.create(
        site=site,
        vaccine_id="comirnaty",
        doses=1,
        made_by=colleague.user,
        made_at=now,
        come_by=now + timedelta(hours=1),
    )
    offer = SubstituteOffer.objects.create(call=call, registration=registration, answer_by=now + timedelta(minutes=9))
    of_day |= {"substitute_call": call.pk, "substitute_offer": offer.pk}
    replan = Replan.objects.create(scope="AFFECTED", site=site, reason="x", made_by=colleague.user)
    of_day["replan"] = replan.pk
    of_day["planned_move"] = PlannedMove.objects.create(
        replan=replan, appointment=reservation.appointments.all()[0], from_slot=slot, state="NO_TIME"
    ).pk
    of_day["closing"] = DayClosing.objects.create(site=site, day=day, closed_at=NOW, **counts).pk
    return Rows(site, store, firm, region_store, documents, of_day, vials.batch_id, colleague.pk)


def _of_a_ticket(now: datetime) -> dict[str, object]:
    """What the pages of the help desks are about."""
    ticket = make_ticket()
    common = {"ticket": ticket, "desk": "SITES", "state": "FILED", "received_at": now}
    letter = Letter.objects.create(direction="IN", identity="x", **common)
    RawLetter.objects.create(letter=letter, content=b"From: x", size=7)
    stored = StoredFile.objects.create(digest="x", content=b"x", size=1)
    attachment = Attachment.objects.create(
        letter=letter, file=stored, position=1, name="x.png", content_type="image/png", size=1
    )
    answer = Letter.objects.create(direction="OUT", kind="ANSWER", refused_at=now, **common)  # did not arrive
    return {
        "ticket": ticket.pk,
        "ticket_link": TicketLink.objects.create(
            ticket=ticket, person=Person.objects.all()[0], by=User.objects.all()[0], at=now
        ).pk,
        "letter": letter.pk,
        "attachment": attachment.pk,
        "answer": answer.pk,
        "shared_view": SavedView.objects.create(name="x").pk,
        "canned_answer": CannedAnswer.objects.create(title="x", text_cs="x").pk,
    }


@pytest.fixture
def staff(rows: Rows) -> list[Somebody]:
    """Each role here, those that do most also at another place, somebody without a role, and a superuser."""
    other = make_site("Jinde", "CZ0642")
    make_store(site=other)
    found = [Somebody(make_staff(role, site=rows.site), role, is_here=True) for role in SITE_ROLES]
    found.append(Somebody(make_staff(Role.MANAGER, site=other), Role.MANAGER, is_here=False))
    found += [
        Somebody(make_staff(Role.REGION, region=code), Role.REGION, is_here=code == HERE) for code in (HERE, ELSEWHERE)
    ]
    everywhere = (Role.DISTRIBUTOR, Role.MINISTRY, *SUPPORT_ROLES)
    found += [Somebody(make_staff(role), role, is_here=True) for role in everywhere]
    found.append(Somebody(make_account("nikdo"), None, is_here=True))
    found.append(Somebody(User.objects.create_superuser("root"), None, is_here=True, is_superuser=True))
    return found


PAPERS = (
    "logistics.stock.views.deliveries.delivery_note_pdf",
    "vaccination.observation.event_views.report_pdf",
    "reservation.affected.call_list_pdf.call_list_pdf",
    "support.letters.pictures.preview",
    "reservation.site_calendar.people_paper.people_pdf",
    "certificates.desk.views.papers.certificate_pdf",
    "certificates.desk.views.papers.password_pdf",
    "certificates.desk.views.days.day_pdf",
)


@pytest.fixture(autouse=True)
def without_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is let in is asked here, not what they read: drawing two thousand pages would take a minute."""
    monkeypatch.setattr("django.template.backends.django.Template.render", lambda *args, **kwargs: "")
    for paper in PAPERS:
        monkeypatch.setattr(paper, lambda *args, **kwargs: b"")


@cache
def resolve_once(address: str) -> ResolverMatch:
    """The view of an address, which is the same for all who ask."""
    return resolve(address)


def answer(user: User, address: str, method: str = "GET", *, has_given_the_code: bool = True) -> str:
    """What a member of staff gets: "page", "log in", "404", "403" or "405"; the view is called as Django calls it."""
    request: Any = RequestFactory().generic(method, address)
    request.user, request.session = user, SessionStore()
    request._dont_enforce_csrf_checks = True
    request._messages = FallbackStorage(request)
    user.is_verified = lambda: has_given_the_code  # type: ignore[attr-defined]
    found = resolve_once(address)
    try:
        got = found.func(request, *found.args, **found.kwargs)
    except Http404:
        return "404"
    except PermissionDenied:
        return "403"
    leads_to = got.headers.get("Location", "")
    if leads_to.startswith((reverse("accounts:log_in"), reverse("admin:login"))):
        return "log in"
    if got.status_code == 405:
        return "405"
    # Django's admin says so of a row that is not among those of the user.
    return "404" if leads_to == reverse("admin:index") else "page"


def patterns(resolver: URLResolver, space: str = "") -> Iterator[str]:
    """The names of all addresses with their namespaces."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}"
        else:
            yield from patterns(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)


def test_every_address_is_listed_with_its_act_or_as_public() -> None:
    screens = {f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry}
    assert screens == SCREENS.keys()
    kinds = ("changelist", "add", "change", "delete", "history")
    of_screens = {f"admin:{screen}_{kind}" for screen in screens for kind in kinds}
    own = {f"admin:{name}" for name in (*ADMINS_OWN, "auth_user_password_change")}
    assert set(patterns(get_resolver())) == {*PAGES, *PUBLIC, *of_screens, *own}


def test_the_document_shows_the_table() -> None:
    region = {True: "sites", False: "own"}
    shown = {
        act: {
            role: "–" if role not in row.roles else region[row.in_region] if role == Role.REGION else "yes"
            for role in ROLES
        }
        for act, row in ((act, permissions.grant(act)) for act in permissions.acts())
    }
    assert shown == TABLE


def test_every_act_is_told_in_words_in_both_languages() -> None:
    for act in permissions.acts():
        told = {language: _words_in(language, act) for language in ("en", "cs")}
        assert all(told.values()), act
        assert told["en"] != told["cs"], told
        assert not any("_" in words or words == act for words in told.values()), told


def _words_in(language: str, act: str) -> str:
    with translation.override(language):
        return permissions.words_of(act).strip()


def test_the_questions_answer_as_the_document_says(rows: Rows, staff: list[Somebody]) -> None:
    region = Region.objects.get(pk=HERE)
    places: list[tuple[Place, str]] = [(rows.site, "site"), (rows.store, "site")]
    places += [(region, "region"), (rows.region_store, "region"), (rows.firm, "firm")]
    wrong = []
    for one in staff:
        answers = [(permissions.acts_at(one.user, place), kind, str(place)) for place, kind in places]
        answers += [(permissions.acts_at(one.user), "", "anywhere"), (permissions.acts_of(one.user), "", "acts_of")]
        for acts, kind, where in answers:
            if unlike := acts ^ {act for act in TABLE if may(one, act, kind)}:
                wrong.append(f"{one}, {where}: {unlike}")
        for act in {permissions.grant(act): act for act in TABLE}.values():  # one of each kind of row
            if (permissions.site_where(one.user, act, rows.site.pk) is not None) != may(one, act, "site"):
                wrong.append(f"{one}, {act}: the site asked alone")
            lists = (permissions.sites_where, permissions.stores_where, permissions.regions_where)
            found = {row.pk for listed in lists for row in listed(one.user, act)}
            for place, kind in places:
                if (place.pk in found) != may(one, act, kind):
                    wrong.append(f"{one}, {act}: {place} in the list")
    assert wrong == []


def test_what_the_table_does_not_say_is_refused_even_to_superusers(staff: list[Somebody]) -> None:
    for ask in (permissions.may, permissions.sites_where, permissions.stores_where, permissions.may_everywhere):
        with pytest.raises(LookupError):
            ask(staff[-1].user, "fly")
    with pytest.raises(ValueError, match="see_site"):
        permissions.register({"see_site": permissions.Grant(permissions.ANY_ROLE)})


def test_a_guard_or_a_link_with_an_unknown_act_ends_the_start() -> None:
    for build in (guards.staff_who_may, guards.at_store):
        with pytest.raises(LookupError):
            build("fly")
    with pytest.raises(LookupError):
        start_page.add_link(99, "Fly", "admin:index", act="fly")
    with pytest.raises(ValueError, match="10"):
        start_page.add_link(10, "Stock", "admin:index", act=Act.SEE_STORE)


def test_every_page_of_staff_opens_to_those_who_may_do_its_act(rows: Rows, staff: list[Somebody]) -> None:
    wrong = []
    for name, page in PAGES.items():
        for address, place in _addresses(name, page, rows):
            for one in staff:
                expected = "page" if may(one, page.act, place) else "404"
                got = answer(one.user, address)
                # A page that takes only forms has let in whom it tells so: its guard asks first.
                if ("page" if got == "405" else got) != expected:
                    wrong.append(f"{one}: {address} is {got}, not {expected}")
                if expected == "404" and (got := answer(one.user, address, "POST")) not in ("404", "405"):
                    wrong.append(f"{one}: {address} takes a form: {got}")
            if (got := answer(staff[-1].user, address, has_given_the_code=False)) != "log in":
                wrong.append(f"without the second factor: {address} is {got}")
    assert wrong == []


def test_every_page_answers_head_and_odd_addresses(rows: Rows) -> None:
    """Pages of staff and lists of the admin: NUL, the ends of time, numbers beyond all rows are nowhere a fault."""
    client = Client(raise_request_exception=False)
    log_in(client, User.objects.create_superuser("root"))
    odd = "&".join(f"{name}=%FF" for name in ("p", "o", "all", "_facets"))
    odd += "".join(f"&{name}=a%00" for name in ("q", "kraj", "okres", "druh", "komu", "code__exact", "state__exact"))
    ends_of_time = "&".join(f"{name}=9999-12-31" for name in ("den", "od", "do", "mesic", "hledat", "stav", "kam"))
    addresses = [reverse(name, args=page.arguments(rows)) for name, page in PAGES.items()]
    addresses += [reverse(f"admin:{screen}_changelist") for screen in SCREENS]
    for address in addresses:
        asked = f"{address}?strana=99999999999999999999&{ends_of_time}&{odd}"
        assert client.head(asked).status_code == client.get(asked).status_code < 500, address
        beyond = re.sub(r"(?<=/)\d+(?=/|$)", "99999999999999999999", address)
        assert beyond == address or client.get(beyond).status_code < 500, beyond


def test_a_template_asks_for_an_act_of_the_table() -> None:
    folder = Path(settings.BASE_DIR) / "templates"
    asked = {act for path in folder.rglob("*.html") for act in re.findall(r'"([\w.]+)" in acts\b', path.read_text())}
    assert len(asked) >= 5
    assert asked - permissions.acts() == set()


def test_every_screen_of_the_admin_opens_to_those_who_may_do_its_acts(rows: Rows, staff: list[Somebody]) -> None:
    wrong = []
    for model, site_admin in admin.site._registry.items():
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        screen, row = SCREENS[name], _row(model, rows)
        pages = [
            ("GET", "changelist", screen.see, ""),
            ("GET", "change", screen.see, screen.place),
            ("POST", "change", screen.change, screen.place),
            ("GET", "history", screen.see, screen.place),
            ("GET", "add", screen.add, ""),
            ("GET", "delete", screen.delete, screen.place),
        ]
        for one in staff:
            for method, kind, act, place in pages:
                if act == "" and not one.is_superuser:
                    continue  # what nobody may do is asked of the strongest alone
                address = reverse(f"admin:{name}_{kind}", args=[] if kind in ("changelist", "add") else [row.pk])
                is_let_in = answer(one.user, address, method) == "page"
                if is_let_in != may(one, act, place):
                    wrong.append(f"{one}: {method} {name} {kind} is {'open' if is_let_in else 'shut'}")
            if may(one, screen.see, ""):
                request: Any = RequestFactory().get("/")
                request.user = one.user
                offered = set(site_admin.get_actions(request)) - {"delete_selected"}
                if offered != {action for action in offered | _named(site_admin) if may(one, ACTIONS[action], "")}:
                    wrong.append(f"{one}: {name} offers {offered}")
    assert wrong == []


def _addresses(name: str, page: Page, rows: Rows) -> Iterator[tuple[str, str]]:
    """The page, and where it is about a store, also about the stores of the region and of the distributor."""
    arguments = page.arguments(rows)
    address = reverse(name, args=arguments)
    yield address, page.place
    named = resolve(address).kwargs
    if "store_id" in named and not named.keys() & {"document_id", "delivery_id"}:
        yield reverse(name, args=[rows.region_store.pk, *arguments[1:]]), "region"
        yield reverse(name, args=[rows.firm.pk, *arguments[1:]]), "firm"


def _row(model: Any, rows: Rows) -> Any:
    """A row that lies at the site."""
    if issubclass(model, DatedCode):  # one that has begun is changed by nobody
        return model._default_manager.order_by("-valid_from")[0]
    if model in (VaccinationSite, Store):
        return rows.site if model is VaccinationSite else rows.store
    if model is StockDocument:
        return StockDocument.objects.get(pk=rows.documents["RECEIPT"])
    if model is StockBalance:
        return StockBalance.objects.filter(store=rows.store)[0]
    if model is ObservationTime:  # one that has begun is only shown
        return ObservationTime.objects.create(valid_from=timezone.localdate() + timedelta(days=1), minutes=30)
    return model._default_manager.order_by("pk")[0]


def _named(screen: Any) -> set[str]:
    return {str(action) for action in screen.actions or ()}
