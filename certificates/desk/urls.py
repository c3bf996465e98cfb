"""Addresses of the site's staff."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
