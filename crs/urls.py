"""Every address of CRS."""

from django.contrib import admin
from django.urls import include, path

from crs import views

handler400 = "crs.views.bad_request"

urlpatterns = [
    path("", views.home, name="home"),
    path("jazyk/", views.switch_language, name="switch_language"),
    path("captcha/", include("captcha.urls")),
    path("registrace/", include("registration.urls")),
    path("rezervace/", include("reservation.urls")),
    path("", include("logistics.urls")),
    path("", include("crs.messaging.urls")),
    path("admin/", admin.site.urls),
]
