"""Addresses of the ministry's pages about priority groups."""

from django.urls import path

from registration.groups import views

_GROUP = "skupina/<slug:code>/"
_RULE = f"{_GROUP}pravidlo/<int:rule_id>/"

urlpatterns = [
    path("", views.groups, name="groups"),
    path("nova/", views.add_group, name="add_group"),
    path(_GROUP, views.group, name="group"),
    path(f"{_GROUP}texty/", views.edit_group, name="edit_group"),
    path(f"{_GROUP}pravidlo/", views.plan_rule, name="plan_rule"),
    path(_RULE, views.change_rule, name="change_rule"),
    path(f"{_RULE}zrusit/", views.withdraw_rule, name="withdraw_rule"),
]
