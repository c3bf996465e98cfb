"""What the web server serves."""

import os

from django.core.wsgi import get_wsgi_application

from crs import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crs.settings")
embedded.hold()
application = get_wsgi_application()
