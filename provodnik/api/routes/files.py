"""Files, up and down."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from ninja import File, Router
from ninja.files import UploadedFile
from pydantic import BaseModel

from provodnik.accounts.scopes import Scope
from provodnik.api.models import Upload
from provodnik.api.once import Made
from provodnik.api.problems import Problem
from provodnik.api.routes.common import doing, reading_bytes
from provodnik.api.security import me
from provodnik.articles.policies import is_author
from provodnik.core import volume
from provodnik.core.decisions import Refused
from provodnik.desk import looks
from provodnik.desk.actions.base import NewFile, kept, volume_of
from provodnik.desk.forms.files import safe_name
from provodnik.desk.policies import contact_of
from provodnik.desk.queries.attachments import visible_attachments
from provodnik.desk.views.files import send_file

router = Router(tags=["files"])

WRITE = (Scope.REQUESTS_WRITE, Scope.DESK_WRITE, Scope.KNOWLEDGE_WRITE)
READ = (Scope.REQUESTS_READ, Scope.DESK_READ)
MOST = 50  # files of one person that wait for a message


class Uploaded(BaseModel):
    """What a message names the file by. It waits a day."""

    id: UUID
    name: str
    size: int


@doing(
    router,
    "/uploads",
    Uploaded,
    _("Send a file"),
    scope=WRITE,
    status=201,
    more=_("As multipart/form-data; its id then goes into `files` of a message. Each serves once, within a day."),
)
def upload(request: HttpRequest, file: File[UploadedFile]) -> Made:
    user = me(request)
    if contact_of(user) is None and not is_author(user):
        raise Http404
    if (file.size or 0) > settings.UPLOAD_LIMIT:
        raise Problem("too-large", gettext("The file is larger than the installation takes."))
    if Upload.objects.filter(owner=user).count() >= MOST:
        raise Refused(gettext("Too many files wait for a message already."))
    name, kind = safe_name(file.name or ""), (file.content_type or "application/octet-stream")[:100]
    new = NewFile(name, kind, file)
    volume.require(volume.of_user(user.pk), **volume_of([new]), at=timezone.now())
    blob = kept(new)
    row = Upload.objects.create(owner=user, blob=blob, name=name, content_type=kind, at=timezone.now())
    return Made(Uploaded(id=row.pk, name=name, size=blob.size), status=201)


@reading_bytes(
    router,
    "/files/{uuid:key}",
    _("A file of a message"),
    scope=READ,
    more=_("Its bytes; the id is in `files` of the message."),
)
def download(request: HttpRequest, key: UUID) -> HttpResponseBase:
    """The bytes, as a plain file of an unnamed type, whatever its sender called it."""
    row = visible_attachments(me(request)).select_related("message__ticket").get(pk=key)
    looks.at_file(request, row, taken=True)
    return send_file(row.blob, name=row.name, content_type="application/octet-stream", inline=False)
