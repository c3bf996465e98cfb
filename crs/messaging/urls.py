"""Addresses of the local inbox and of gateways that call back."""

from django.urls import URLPattern

app_name = "messaging"
urlpatterns: list[URLPattern] = []
