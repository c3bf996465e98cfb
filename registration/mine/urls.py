"""Addresses of one's own registration."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
