"""Addresses of the first two steps: a telephone and its PIN."""

from django.urls import path

from registration.telephones import views

urlpatterns = [
    path("", views.phone, name="phone"),
    path("pin/", views.pin, name="pin"),
    path("pin/znovu/", views.resend, name="resend"),
    path("konec/", views.finish, name="finish"),
]
