"""Addresses of the lists to call; they hold keys of rows only."""

from django.urls import path

from reservation.affected import views

_LIST = "<uuid:site_id>/obvolani/"
_ONE = f"{_LIST}<int:affected_id>/"

urlpatterns = [
    path("obvolani/", views.call_lists, name="call_lists"),
    path(_LIST, views.call_list, name="call_list"),
    path(f"{_LIST}soubor/", views.call_list_file, name="call_list_file"),
    path(f"{_LIST}tisk/", views.call_list_paper, name="call_list_paper"),
    path(_ONE, views.call, name="call"),
    path(f"{_ONE}hovor/", views.record_call, name="record_call"),
    path(f"{_ONE}termin/", views.move, name="move_affected"),
    path(f"{_ONE}plati/", views.keep, name="keep_affected"),
]
