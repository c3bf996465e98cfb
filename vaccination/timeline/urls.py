"""Addresses of `vaccination/timeline/`."""

from django.urls import URLPattern, path

from vaccination.timeline import views

urlpatterns: list[URLPattern] = [
    path("<uuid:site_id>/prubeh/<int:registration_id>/", views.timeline, name="timeline"),
]
