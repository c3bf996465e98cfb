"""Addresses of the lists of revocations."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
