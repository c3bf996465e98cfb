"""Addresses of the ministry's pages about priority groups."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
