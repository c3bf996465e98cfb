"""Addresses of `vaccination/team/`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
