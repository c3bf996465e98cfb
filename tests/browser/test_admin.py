"""Every screen of the administration in the browser: lists, forms with their inlines, histories, questions."""

from django.contrib import admin
from django.urls import reverse
from psycopg.sql import SQL, Identifier

from tests.browser import axe
from tests.browser.conftest import HEIGHT, OpenWalk
from tests.browser.people import new_person
from tests.browser.portal import Portal
from tests.browser.staff import log_in_as
from tests.test_permissions import SCREENS

WIDE, NARROW = 1280, 390
FORBIDDEN = 403
# Axe reads each element: of what is of one kind (rows of a list, options, links of a filter) the first few are enough.
FEW = """() => {
    const many = "#result_list tbody, .inline-group tbody, select, #changelist-filter ul";
    const spare = `:is(${many}) > :nth-child(n + 5):not(.add-row, .empty-form)`;
    document.querySelectorAll(spare).forEach((one) => one.remove());
}"""


def test_every_screen_of_the_administration_is_accessible(portal: Portal, open_walk: OpenWalk) -> None:
    walk = open_walk(new_person(), width=WIDE)
    page = walk.page
    log_in_as(page, portal, "admin", then="/admin/")
    walk.watch.expected.add(FORBIDDEN)
    wrong: dict[str, str] = {}
    for address in ["/admin/", *_addresses(portal)]:
        answer = page.goto(f"{portal.url}{address}")
        if answer and answer.status == FORBIDDEN and address.endswith("/delete/"):
            continue  # what has begun is deleted by nobody
        page.evaluate(FEW)
        for width, rules in ((WIDE, axe.RULES), (NARROW, axe.RULES_OF_WIDTH)):
            page.set_viewport_size({"width": width, "height": HEIGHT[width]})
            try:
                axe.assert_accessible(page, name=address, rules=rules)
            except AssertionError as found:
                wrong[f"{width} {address}"] = str(found)
    assert wrong == {}


def _addresses(portal: Portal) -> list[str]:
    """The list and the form to add of each screen; of one row its form, its history, the question before deleting."""
    found = []
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        found.append(reverse(f"admin:{name}_changelist"))
        if SCREENS[name].add:
            found.append(reverse(f"admin:{name}_add"))
        column, table = Identifier(str(model._meta.pk.column)), Identifier(model._meta.db_table)
        rows = portal.rows(
            SQL("SELECT {column} FROM {table} ORDER BY {column} LIMIT 1").format(column=column, table=table)
        )
        kinds = ("change", "history", "delete") if SCREENS[name].delete else ("change", "history")
        found += [reverse(f"admin:{name}_{kind}", args=[key]) for (key,) in rows for kind in kinds]
    return found
