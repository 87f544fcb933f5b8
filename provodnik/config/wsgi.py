"""The WSGI application that granian serves."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "provodnik.config.settings")
# A page whose statement takes longer is given up with a clear word, and frees its connection for others (safety F17,
# F20, A75). Jobs, migrations and doctor are no pages: they may take their time.
_database: dict[str, Any] = settings.DATABASES["default"]
_database["OPTIONS"]["options"] += " -c statement_timeout=15s"
application = get_wsgi_application()
