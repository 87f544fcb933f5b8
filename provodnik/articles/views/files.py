"""Files of articles: each asks the article's own policy; only pictures of four kinds are shown in a page, the rest
leaves as an attachment of an unnamed type (safety A21–A23). The same rules as for files of requests."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from provodnik.articles.models import ArticleFile
from provodnik.articles.policies import visible_files
from provodnik.articles.views.common import me
from provodnik.desk.pictures import picture_kind
from provodnik.desk.views.files import head, send_file


def _file(request: HttpRequest, key: uuid.UUID) -> ArticleFile:
    return get_object_or_404(visible_files(me(request)).select_related("blob").distinct(), pk=key)


@login_required
@require_safe
def download(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """The file to keep."""
    file = _file(request, key)
    return send_file(file.blob, name=file.name, content_type="application/octet-stream", inline=False)


@login_required
@require_safe
def picture(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """A picture in the text: by what its first bytes say, whatever was noted of it."""
    file = _file(request, key)
    kind = picture_kind(head(file.blob)) if file.picture else None
    if kind is None:
        raise Http404
    response = send_file(file.blob, name=file.name, content_type=kind, inline=True)
    response["Cache-Control"] = "private, max-age=3600, immutable"
    return response
