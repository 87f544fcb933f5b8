"""What granian serves: the application of wsgi.py, with bodies read before a thread is taken (lifecycle/gateway.py)."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from provodnik.accounts.addresses import is_proxy
from provodnik.config.wsgi import application as wsgi
from provodnik.lifecycle.gateway import Gateway
from provodnik.lifecycle.metrics.middleware import counters

application = Gateway(wsgi, threads=settings.WEB_THREADS, largest=settings.LARGEST_REQUEST, is_proxy=is_proxy)
# Loads the pages of all parts now, while there is one process, instead of at the first request of each worker.
reverse("web:home")
counters()  # now, so that all workers share them
