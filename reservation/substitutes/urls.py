"""Addresses of the calls of a site to substitutes."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
