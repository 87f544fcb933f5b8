"""The API assembled."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _
from ninja import NinjaAPI
from ninja.operation import Operation
from ninja.renderers import JSONRenderer

from provodnik.api import problems
from provodnik.api.door import guarded
from provodnik.api.reading import StrictParser
from provodnik.api.routes import (
    articles,
    assignment,
    bulk,
    desk,
    directory,
    exchange,
    files,
    journal,
    macros,
    own,
    quality,
    requests,
    saved,
    teams,
    ties,
    work,
    works,
    writing,
)


class Readable(JSONRenderer):
    """Russian letters as they are: half the bytes, and a person can read an answer."""

    json_dumps_params = {"ensure_ascii": False}


class Api(NinjaAPI):
    """Operations are called by their functions' names."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return str(operation.view_func.__name__)


api = Api(
    title="PROводник API",
    version="1",
    description=_("Everything that requesters, specialists and leads do, for programs."),
    openapi_url=None,
    docs_url=None,
    urls_namespace="v1",
    parser=StrictParser(),
    renderer=Readable(),
    servers=[{"url": "/"}],
)
problems.install(api)
api.add_decorator(guarded, mode="view")
for _part in (
    own,
    requests,
    files,
    desk,
    work,
    ties,
    bulk,
    macros,
    saved,
    directory,
    works,
    articles,
    writing,
    teams,
    assignment,
    journal,
    quality,
    exchange,
):
    api.add_router("", _part.router)
