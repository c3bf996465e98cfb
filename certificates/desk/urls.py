"""Addresses of `certificates/desk/`; they hold keys of rows only."""

from django.urls import URLPattern, path

from certificates.desk.views import days, papers, people

urlpatterns: list[URLPattern] = [
    path("certifikaty/<uuid:site_id>/", days.day, name="day"),
    path("certifikaty/<uuid:site_id>/tisk/", days.print_day, name="print_day"),
    path("certifikaty/<uuid:site_id>/vystaveni/", days.issue_missing, name="issue_missing"),
    path("certifikaty/<uuid:site_id>/osoby/<int:registration_id>/", people.person, name="person"),
    path("certifikaty/<uuid:site_id>/osoby/<int:registration_id>/jmeno/", people.spelling, name="spelling"),
    path("certifikaty/<uuid:site_id>/davky/<uuid:dose_id>/tisk/", papers.issue_and_print, name="issue_and_print"),
    path("certifikaty/<uuid:site_id>/davky/<uuid:dose_id>/znovu/", papers.issue_anew, name="issue_anew"),
    path("certifikaty/<uuid:site_id>/davky/<uuid:dose_id>/vraceni/", papers.give_back, name="give_back"),
    path("certifikaty/<uuid:site_id>/<uuid:certificate_id>/tisk/", papers.print_certificate, name="print"),
    path("certifikaty/<uuid:site_id>/<uuid:certificate_id>/odeslani/", papers.send, name="send"),
    path("certifikaty/<uuid:site_id>/zasilky/<uuid:delivery_id>/heslo/", papers.print_password, name="print_password"),
    path("certifikaty/<uuid:site_id>/<uuid:certificate_id>/zneplatneni/", papers.revoke, name="revoke"),
]
