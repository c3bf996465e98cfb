"""Addresses of a site's opening rules; they hold keys of rows only."""

from django.urls import path

from reservation.opening import views

_RULES = "<uuid:site_id>/pravidla/"
_RULE = f"{_RULES}<int:rule_id>/"

urlpatterns = [
    path(_RULES, views.rules, name="opening_rules"),
    path(f"{_RULES}nove/", views.add_rule, name="add_opening_rule"),
    path(f"{_RULE}zmenit/", views.change_rule, name="change_opening_rule"),
    path(f"{_RULE}ukoncit/", views.end_rule, name="end_opening_rule"),
]
