"""Addresses of `vaccination/visits/`."""

from django.urls import URLPattern, path

from vaccination.visits import views, walk_in_views

urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("<uuid:site_id>/", views.day, name="day"),
    path("<uuid:site_id>/seznam/", views.day_list_pdf, name="day_list_pdf"),
    path("<uuid:site_id>/hledani/", views.search, name="search"),
    path("<uuid:site_id>/osoby/<int:registration_id>/", views.person, name="person"),
    path("<uuid:site_id>/osoby/<int:registration_id>/dnes/", views.check_in_today, name="check_in_today"),
    path("<uuid:site_id>/terminy/<int:appointment_id>/prichod/", views.check_in, name="check_in"),
    path("<uuid:site_id>/navstevy/<uuid:visit_id>/", views.visit, name="visit"),
    path("<uuid:site_id>/navstevy/<uuid:visit_id>/vraceni/", views.undo_check_in, name="undo_check_in"),
    path("<uuid:site_id>/bez-terminu/", walk_in_views.walk_in, name="walk_in"),
    path("<uuid:site_id>/bez-terminu/registrace/", walk_in_views.register_walk_in, name="register_walk_in"),
    path("<uuid:site_id>/navstevy/<uuid:visit_id>/bez-davky/", views.send_away, name="send_away"),
]
