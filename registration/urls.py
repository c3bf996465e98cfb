"""Addresses of registration. None of them carries a secret or anything about a person."""

from django.urls import path

from registration.applying import views as applying
from registration.telephones import views as telephones

app_name = "registration"
urlpatterns = [
    path("", telephones.phone, name="phone"),
    path("pin/", telephones.pin, name="pin"),
    path("pin/znovu/", telephones.resend, name="resend"),
    path("formular/", applying.form, name="form"),
    path("hotovo/", applying.done, name="done"),
    path("prehled/", applying.existing, name="existing"),
    path("konec/", telephones.finish, name="finish"),
]
