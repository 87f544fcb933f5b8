"""The product's addresses and the bare view."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from provodnik.config import urls
from provodnik.desk.models import Ticket

PAGE = engines["django"].from_string(
    "<!doctype html><html><head><title>Обращения</title></head><body><h1>Обращения</h1><table>"
    "{% for row in rows %}<tr><td>{{ row.number }}</td><td>{{ row.subject }}</td><td>{{ row.priority }}</td>"
    "<td>{{ row.status }}</td><td>{{ row.requester_name }}</td><td>{{ row.due_at }}</td></tr>{% endfor %}"
    "</table></body></html>"
)


def bare(request: HttpRequest) -> HttpResponse:
    """25 rows of one query, and nothing else: nobody is signed in, nothing is counted."""
    rows = Ticket.objects.order_by("-number").only(
        "number", "subject", "priority", "status", "requester_name", "due_at"
    )
    return HttpResponse(PAGE.render({"rows": rows[:25]}))


urlpatterns = [path("bench/bare", bare), path("", include(urls))]
handler400, handler403, handler404, handler500 = (
    urls.handler400,
    urls.handler403,
    urls.handler404,
    urls.handler500,
)
