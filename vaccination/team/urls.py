"""Addresses of `vaccination/team/`."""

from django.urls import URLPattern, path

from vaccination.team import views

urlpatterns: list[URLPattern] = [
    path("<uuid:site_id>/tym/", views.team, name="team"),
    path("<uuid:site_id>/tym/stanoviste/", views.add_station, name="add_station"),
    path("<uuid:site_id>/tym/stanoviste/<int:station_id>/zavrit/", views.close_station, name="close_station"),
    path("<uuid:site_id>/tym/zdravotnik/", views.add_worker, name="add_worker"),
    path("<uuid:site_id>/tym/zdravotnik/<int:worker_id>/", views.worker, name="worker"),
    path("<uuid:site_id>/tym/ja/", views.my_worker, name="my_worker"),
]
