"""Addresses of `vaccination/vials/`."""

from django.urls import URLPattern, path

from vaccination.vials import views

urlpatterns: list[URLPattern] = [
    path("<uuid:site_id>/ampule/", views.vials, name="vials"),
    path("<uuid:site_id>/ampule/stanoviste/", views.choose_station, name="choose_station"),
    path("<uuid:site_id>/ampule/<int:station_id>/otevrit/", views.open_vial, name="open_vial"),
    path("<uuid:site_id>/ampule/<uuid:vial_id>/ukoncit/", views.end_vial, name="end_vial"),
    path("<uuid:site_id>/ampule/<uuid:vial_id>/znehodnotit/", views.spoil_dose, name="spoil_dose"),
    path("<uuid:site_id>/ampule/<uuid:vial_id>/davka-navic/", views.extra_dose, name="extra_dose"),
    path("<uuid:site_id>/ampule/<uuid:vial_id>/vratit/", views.take_back_waste, name="take_back_waste"),
    path("<uuid:site_id>/ampule/<uuid:vial_id>/znovu/", views.take_up_vial, name="take_up_vial"),
]
