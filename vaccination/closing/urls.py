"""Addresses of `vaccination/closing/`."""

from django.urls import URLPattern, path

from vaccination.closing import views

urlpatterns: list[URLPattern] = [
    path("<uuid:site_id>/uzaverka/", views.closing, name="closing"),
    path("<uuid:site_id>/uzaverky/", views.closings, name="closings"),
    path("<uuid:site_id>/uzaverky/<int:closing_id>/otevrit/", views.reopen_day, name="reopen_day"),
]
