"""Addresses of this subject; they hold keys of rows only."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
