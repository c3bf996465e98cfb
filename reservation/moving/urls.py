"""Addresses of the pages on which staff move and cancel the times of a person."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
