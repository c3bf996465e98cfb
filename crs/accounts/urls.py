"""Addresses of logging in. The start page of staff shows their roles, so it stands in a room above."""

from django.urls import path

from crs.accounts import password_reset_views, views

app_name = "accounts"
urlpatterns = [
    path("prihlaseni/", views.log_in, name="log_in"),
    path("kod/", views.code, name="code"),
    path("nastaveni/", views.set_up, name="set_up"),
    path("odhlaseni/", views.log_out, name="log_out"),
    path("heslo/", views.password, name="password"),
    path("zapomenute-heslo/", password_reset_views.ask, name="forgotten_password"),
    path("zapomenute-heslo/kod/", password_reset_views.code, name="reset_code"),
    path("zapomenute-heslo/nove/", password_reset_views.choose, name="new_password"),
    path("zalozni-kody/", views.recovery_codes, name="recovery_codes"),
    path("aplikace/", views.device, name="device"),
]
