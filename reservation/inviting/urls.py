"""Addresses of PIN2 sent once more by staff, and pauses."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
