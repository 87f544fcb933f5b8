"""Giving kept files out: nothing that somebody sent runs in our origin.

A file leaves as an attachment with `nosniff` and a policy that forbids everything (safety: stored XSS). Who may have it
is asked by the view, before.
"""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from provodnik.core import files, scanning
from provodnik.core.models import Blob

_LOCKED = "default-src 'none'; sandbox"


def locked(response: HttpResponseBase) -> HttpResponseBase:
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = _LOCKED
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def send_file(blob: Blob, *, name: str, content_type: str, inline: bool) -> HttpResponseBase:
    """The bytes under a name of any alphabet (RFC 6266, RFC 8187). 404 when the disk has lost them: doctor tells.
    Raises Withheld for what an antivirus does not let out."""
    scanning.require_given(blob)
    try:
        stream = files.open_stream(blob)
    except OSError as error:
        raise Http404 from error
    response: HttpResponseBase
    if stream is not None:
        response = FileResponse(stream, content_type=content_type)
    else:
        response = HttpResponse(files.read(blob), content_type=content_type)
    return as_attachment(response, name, blob.size, inline=inline)


def as_attachment(response: HttpResponseBase, name: str, size: int, *, inline: bool = False) -> HttpResponseBase:
    """An answer that is a file: its name, its length in bytes, and nothing of it runs in our origin."""
    response["Content-Length"] = str(size)
    response["Content-Disposition"] = content_disposition_header(not inline, name) or "attachment"
    return locked(response)
