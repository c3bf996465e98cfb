"""Every address of CRS."""

from django.contrib import admin
from django.urls import include, path, register_converter

from crs import about, views
from crs.captcha import views as captcha_views
from crs.url_converters import IsoDateConverter

register_converter(IsoDateConverter, "isodate")

handler400 = "crs.views.bad_request"

urlpatterns = [
    path("", views.home, name="home"),
    path("ochrana-udaju/", about.privacy, name="privacy"),
    path("pristupnost/", about.accessibility, name="accessibility"),
    path("provozovatel/", about.who_runs_it, name="operator"),
    path("jazyk/", views.switch_language, name="switch_language"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    # The library's own addresses would show the key of a question in words, and make challenges for anybody.
    path("captcha/<slug:key>.png", captcha_views.picture, name="captcha_picture"),
    path("captcha/<slug:key>.wav", captcha_views.sound, name="captcha_sound"),
    path("", include("registration.urls")),
    path("", include("reservation.urls")),
    path("ockovani/", include("vaccination.urls")),
    path("", include("certificates.urls")),
    path("", include("support.urls")),
    path("personal/", include("crs.accounts.urls")),
    path("", include("logistics.urls")),
    path("", include("crs.messaging.urls")),
    path("admin/", admin.site.urls),
]

handler403 = "crs.accounts.refusals.permission_denied"
handler500 = "crs.views.server_error"
