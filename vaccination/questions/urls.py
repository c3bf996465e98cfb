"""Addresses of `vaccination/questions/`."""

from django.urls import URLPattern, path

from vaccination.questions import views

urlpatterns: list[URLPattern] = [
    path("dotaznik/", views.home_questions, name="home_questions"),
    path("<uuid:site_id>/navstevy/<uuid:visit_id>/dotaznik/", views.questions, name="questions"),
]
