"""Addresses of one's own registration. A key in them tells nothing, and opens nothing without its telephone."""

from django.urls import path

from registration.mine import phone_views, views

urlpatterns = [
    path("", views.mine, name="mine"),
    path("<slug:key>/", views.one, name="my_registration"),
    path("<slug:key>/pokracovat/", views.go_on, name="my_going_on"),
    path("<slug:key>/e-mail/", views.change_email, name="my_email"),
    path("<slug:key>/e-mail/kod/", views.email_code, name="my_email_code"),
    path("<slug:key>/telefon/", phone_views.change_phone, name="my_phone"),
    path("<slug:key>/telefon/pin/", phone_views.phone_pin, name="my_phone_pin"),
    path("<slug:key>/mista/", views.change_sites, name="my_sites"),
    path("<slug:key>/bydliste/", views.change_home, name="my_home"),
    path("<slug:key>/duvod/", views.add_reason, name="my_reason"),
    path("<slug:key>/duvod/<slug:reason_key>/zrusit/", views.withdraw_reason, name="my_reason_withdrawn"),
    path("<slug:key>/zrusit/", views.leave, name="my_leaving"),
    path("<slug:key>/obnovit/", views.come_back, name="my_return"),
    path("<slug:key>/jiny-telefon/", views.other_phone, name="my_other_phone"),
    path("<slug:key>/udaje/", views.data, name="my_data"),
    path("<slug:key>/udaje.json", views.data_file, name="my_data_file"),
]
