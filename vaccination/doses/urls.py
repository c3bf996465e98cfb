"""Addresses of `vaccination/doses/`."""

from django.urls import URLPattern, path

from vaccination.doses.views import corrections, late_entry, overrides, recording, records

urlpatterns: list[URLPattern] = [
    path("<uuid:site_id>/navstevy/<uuid:visit_id>/ockovani/", recording.vaccinate, name="vaccinate"),
    path("<uuid:site_id>/davky/<uuid:dose_id>/", records.dose, name="dose"),
    path("<uuid:site_id>/davky/<uuid:dose_id>/potvrzeni/", records.dose_paper_pdf, name="dose_paper"),
    path("<uuid:site_id>/davky/<uuid:dose_id>/dalsi-termin/", records.next_time, name="next_time"),
    path("<uuid:site_id>/davky/<uuid:dose_id>/oprava/", corrections.correct_dose, name="correct_dose"),
    path("<uuid:site_id>/davky/<uuid:dose_id>/zruseni/", corrections.annul_dose, name="annul_dose"),
    path("<uuid:site_id>/dodatecny-zapis/", late_entry.late_entry, name="late_entry"),
    path("<uuid:site_id>/vyjimky/", overrides.overrides, name="overrides"),
]
