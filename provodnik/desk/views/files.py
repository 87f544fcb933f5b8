"""Files of requests: every download asks the request's own policy, and nothing a stranger sent runs in our origin.

A file leaves as an attachment of an unnamed type, with `nosniff` and a policy that forbids everything (safety: stored
XSS). Only four kinds of pictures are ever shown in the page, and only when their first bytes say that they are.
"""

from __future__ import annotations

import re
import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from provodnik.accounts.models import User
from provodnik.core import files
from provodnik.core.giving import as_attachment as as_attachment
from provodnik.core.giving import send_file as send_file
from provodnik.core.models import Blob
from provodnik.desk import looks
from provodnik.desk.models import Attachment, Message, Ticket
from provodnik.desk.pictures import HEAD, LARGEST_PICTURE, may_be_shown, picture_kind
from provodnik.desk.policies import visible_tickets
from provodnik.desk.queries.attachments import visible_attachments

# No script at all, nothing from outside; our own origin stays so that our pictures still know who asks for them.
_LETTER = (
    "default-src 'none'; img-src 'self' data:; style-src 'self'; font-src 'self'; form-action 'none'; "
    "frame-ancestors 'none'; base-uri 'none'; sandbox allow-same-origin allow-popups"
)
_CID = re.compile(r' data-cid="([^"]*)"')


def _attachment(request: HttpRequest, key: uuid.UUID) -> Attachment:
    """The file, if the asker sees its message."""
    user = request.user
    assert isinstance(user, User)
    return get_object_or_404(visible_attachments(user), pk=key)


@login_required
@require_safe
def download(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """The file to keep."""
    file = _attachment(request, key)
    looks.at_file(request, file, taken=True)
    return send_file(file.blob, name=file.name, content_type="application/octet-stream", inline=False)


@login_required
@require_safe
def preview(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """The file to look at in a page: a picture of four known kinds, else it does not exist under this address."""
    file = _attachment(request, key)
    if file.blob.size > LARGEST_PICTURE:
        raise Http404
    first = head(file.blob)
    kind = picture_kind(first)
    if kind is None or not may_be_shown(first, kind):
        raise Http404
    looks.at_file(request, file, taken=False)
    response = send_file(file.blob, name=file.name, content_type=kind, inline=True)
    response["Cache-Control"] = "private, max-age=3600, immutable"
    return response


def head(blob: Blob) -> bytes:
    """The first bytes of a file, as many as tell what picture it is, if it is one."""
    if blob.content is not None:
        return bytes(blob.content)
    try:
        stream = files.open_stream(blob)
    except OSError as error:
        raise Http404 from error
    if stream is None:
        return b""
    with stream:
        return stream.read(HEAD)


def _letter(request: HttpRequest, message_id: int) -> Message:
    """A message that came by mail; the desk's alone."""
    user = request.user
    assert isinstance(user, User)
    if not user.is_desk:
        raise Http404
    messages = Message.objects.select_related("inbound__raw", "ticket").filter(
        ticket__in=Ticket.objects.filter(pk__in=visible_tickets(user).values("pk"))
    )
    return get_object_or_404(messages, pk=message_id)


@login_required
@require_safe
def letter(request: HttpRequest, message_id: int) -> HttpResponseBase:
    """The letter as it came, byte for byte, for the desk."""
    message = _letter(request, message_id)
    if message.inbound is None:
        raise Http404
    looks.at_letter(request, message, taken=True)
    name = f"{message.ticket_id}-{message.pk}.eml"
    return send_file(message.inbound.raw, name=name, content_type="application/octet-stream", inline=False)


@login_required
@require_safe
def letter_page(request: HttpRequest, message_id: int) -> HttpResponse:
    """How the letter looked: its cleaned HTML alone, where no script runs and nothing is fetched from outside."""
    message = _letter(request, message_id)
    if not message.html:
        raise Http404
    looks.at_letter(request, message, taken=False)
    response = render(request, "desk/workbench/letter.html", {"letter": message, "body": with_pictures(message)})
    response["Content-Security-Policy"] = _LETTER
    return response


def with_pictures(message: Message) -> SafeString:
    """The letter's HTML (cleaned when it was taken in) with its own inline pictures in their places."""
    known = {
        one.content_id.strip("<>"): reverse("files:preview", args=[one.pk])
        for one in message.attachments.exclude(content_id="").only("content_id", "message_id")
    }

    def place(found: re.Match[str]) -> str:
        address = known.get(found[1])
        return f' src="{address}"' if address else ""

    return mark_safe(_CID.sub(place, message.html))  # noqa: S308 - cleaned by channels.email.parse.html at intake
