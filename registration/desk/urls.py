"""Addresses of the operators' pages about registrations; they hold keys of rows only."""

from django.urls import URLPattern, path

from registration.desk.views import calling, lists, registrations, searching, waiting

urlpatterns: list[URLPattern] = [
    path("", searching.search, name="desk"),
    path("nova/", calling.register, name="desk_register"),
    path("<int:registration_id>/", registrations.registration, name="desk_registration"),
    path("<int:registration_id>/kontakt/", registrations.contact, name="desk_contact"),
    path("<int:registration_id>/osoba/", registrations.correct, name="desk_correct"),
    path("<int:registration_id>/ukonceni/", registrations.end, name="desk_end"),
    path("<int:registration_id>/obnoveni/", registrations.reopen, name="desk_reopen"),
    path("<int:registration_id>/spojeni/", registrations.merge, name="desk_merge"),
    path("<int:registration_id>/nahlednuti/", lists.looks, name="desk_looks_at"),
    path("spojeni/<int:merge_id>/rozdeleni/", registrations.take_apart, name="desk_take_apart"),
    path("jine-telefony/", waiting.claims, name="desk_claims"),
    path("jine-telefony/<int:claim_id>/", waiting.claim, name="desk_claim"),
    path("zadosti/", waiting.requests_waiting, name="desk_requests"),
    path("zadosti/<int:request_id>/", waiting.line_request, name="desk_request"),
    path("navstevy-doma/", lists.home_visit_districts, name="desk_home_visits"),
    path("navstevy-doma/<slug:district>/", lists.home_visit_list, name="desk_home_visit_list"),
    path("export/", lists.export, name="desk_export"),
    path("nahlednuti/", lists.looks, name="desk_looks"),
]
