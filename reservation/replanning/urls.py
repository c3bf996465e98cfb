"""Addresses of re-plannings."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
