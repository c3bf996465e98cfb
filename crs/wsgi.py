"""The application that the web server serves."""

import os

from django.core.wsgi import get_wsgi_application

from crs import embedded, time_limits

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crs.settings")
time_limits.begin(time_limits.WEB)
embedded.hold()
application = get_wsgi_application()
