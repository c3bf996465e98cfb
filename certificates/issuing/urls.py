"""Addresses of what is held."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
