"""Addresses of the calendar of a site; they hold keys of rows and days only."""

from django.urls import URLPattern, path

from reservation.site_calendar import people_views, slot_views, views

_DAY = "<uuid:site_id>/<isodate:day>/"

urlpatterns: list[URLPattern] = [
    path("", views.sites, name="calendar_sites"),
    path("<uuid:site_id>/", views.month, name="calendar_month"),
    path("<uuid:site_id>/tyden/<isodate:day>/", views.week, name="calendar_week"),
    path("<uuid:site_id>/cas/<int:slot_id>/", slot_views.slot, name="calendar_slot"),
    path(_DAY, views.day, name="calendar_day"),
    path(f"{_DAY}lide/", people_views.people, name="calendar_people"),
    path(f"{_DAY}lide.pdf", people_views.people_pdf, name="calendar_people_pdf"),
    path(f"{_DAY}lide.csv", people_views.people_csv, name="calendar_people_csv"),
]
