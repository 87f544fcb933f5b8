"""Files of a form: several at once, limits told in words (safety A21, A22, A25)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from provodnik.core.text import without_unseen
from provodnik.core.uploads import NewFile
from provodnik.ui.text import filesize

_EDGES = re.compile(r"^[\s.]+|[\s.]+$")


def safe_name(name: str) -> str:
    """A file name without a path and without characters that hide its real ending; at most 150 characters. Names that
    open as a program in the hands of who downloads them are kept, and only ever downloaded (core.giving)."""
    name = without_unseen(name).replace("\\", "/").rsplit("/", 1)[-1]
    name = _EDGES.sub("", name) or str(_("file"))
    if len(name) <= 150:
        return name
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: 149 - len(ending)]}.{ending}" if dot and len(ending) <= 10 else name[:150]


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Cleans to a list of NewFile, whose bytes stay where the upload put them until they are kept."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, widget=_ManyFiles(), **options)

    def clean(self, data: Any, initial: Any = None) -> list[NewFile]:
        uploads: Sequence[UploadedFile[Any]] = [
            one for one in (data if isinstance(data, list | tuple) else [data]) if one
        ]
        if len(uploads) > settings.FILES_LIMIT:
            raise ValidationError(
                ngettext("At most %(n)d file at once.", "At most %(n)d files at once.", settings.FILES_LIMIT)
                % {"n": settings.FILES_LIMIT}
            )
        for upload in uploads:
            if (upload.size or 0) > settings.UPLOAD_LIMIT:
                raise ValidationError(
                    _("The file “%(name)s” is larger than %(limit)s.")
                    % {"name": safe_name(upload.name or ""), "limit": filesize(settings.UPLOAD_LIMIT)}
                )
        return [
            NewFile(safe_name(one.name or ""), (one.content_type or "application/octet-stream")[:100], one)
            for one in uploads
        ]
