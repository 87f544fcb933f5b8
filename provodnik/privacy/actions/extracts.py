"""Files about one person, or of who looked: asked for, made in the background, thrown away after a week."""

from __future__ import annotations

import json
import uuid
import zipfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from provodnik.accounts import journal
from provodnik.accounts.models import User
from provodnik.core import files, jobs, made
from provodnik.core.decisions import Refused, require
from provodnik.core.made import Stopped
from provodnik.core.models import Blob
from provodnik.core.text import one_line
from provodnik.desk.policies import may_administer
from provodnik.privacy.models import Extract
from provodnik.privacy.queries import holdings, looks
from provodnik.privacy.queries.subjects import Subject, cards
from provodnik.quality.sheets.columns import Column, Kind, Values
from provodnik.quality.sheets.writers import Csv, Writer, Xlsx

KEPT = timedelta(days=7)
AT_ONCE = 2  # under way for one administrator
_ROWS = 500  # of a table that are read at once
COLUMNS = (
    Column(gettext_lazy("When"), "at", Kind.MOMENT, 17),
    Column(gettext_lazy("Who"), "by", width=32),
    Column(gettext_lazy("Login"), "login", width=20),
    Column(gettext_lazy("What was seen"), "what", width=60),
    Column(gettext_lazy("Whose"), "whose", width=32),
    Column(gettext_lazy("Request"), "ticket", Kind.WHOLE, 10),
)


def ask(
    of: Extract.Of, kind: str, subject: Subject | None, query: Mapping[str, Any], *, reason: str, key: uuid.UUID,
    by: User, at: datetime,
) -> Extract:  # fmt: skip
    """Ask for a file. A form sent twice asks once. Raises Refused."""
    require(may_administer(by))
    reason = one_line(reason, 300)
    if not reason:
        raise Refused(_("Name the demand or the incident: its date or number."), field="reason")
    with transaction.atomic():
        by = User.objects.select_for_update().get(pk=by.pk)
        known = Extract.objects.filter(key=key).first()
        if known is not None:
            if known.user_id != by.pk:
                raise Refused(_("This form was already used. Open it anew."))
            return known
        underway = Extract.objects.filter(user=by, state__in=[Extract.State.WAITING, Extract.State.RUNNING])
        if underway.count() >= AT_ONCE:
            raise Refused(_("Two files are being made already. Wait until one of them is ready."))
        extract = Extract.objects.create(
            key=key, user=by, of=of, kind=kind, subject=subject.as_json() if subject else {}, query=dict(query),
            reason=reason, asked_at=at,
        )  # fmt: skip
        journal.note(extract, "exported", by=by, at=at, of=of.value)
        for person in subject.persons if subject is not None and of is Extract.Of.PERSON else ():
            journal.looked(by, "privacy.person", person, at=at, verb="exported")
        jobs.defer(making, extract_id=extract.pk)
        return extract


@jobs.job(name="privacy.extract", queue="exports")
def making(extract_id: int) -> None:
    """Make a file; after a kill it is begun anew."""
    extract = Extract.objects.select_related("user").filter(pk=extract_id).first()
    if extract is None or not extract.is_underway:
        return
    try:
        made.make(extract, partial(_write, extract), failed=partial(_fail, extract))
    except Stopped:
        _fail(extract, _("You may no longer see what this file would hold."))


def _write(extract: Extract, folder: Path) -> Path:
    _check(extract)
    return _zip(extract, folder) if extract.of == Extract.Of.PERSON else _table(extract, folder)


def _check(extract: Extract) -> None:
    """Its asker may still administer (safety F61)."""
    user = User.objects.filter(pk=extract.user_id).first()
    if user is None or not may_administer(user):
        raise Stopped


def _fail(extract: Extract, why: str) -> None:
    underway = Extract.objects.filter(pk=extract.pk, state__in=[Extract.State.WAITING, Extract.State.RUNNING])
    underway.update(state=Extract.State.FAILED, why=why, finished_at=timezone.now())


def _progress(extract: Extract, done: int) -> None:
    _check(extract)
    Extract.objects.filter(pk=extract.pk).update(done=done)


def _begin(extract: Extract, total: int) -> None:
    Extract.objects.filter(pk=extract.pk).update(state=Extract.State.RUNNING, total=total, done=0)


def _zip(extract: Extract, folder: Path) -> Path:
    """Each table as JSON, kept files beside them, and a list that says what is in it and what is not."""
    subject = Subject.read(extract.subject)
    (card,) = cards([subject])
    kept = list(holdings.kept(subject, card.emails))
    _begin(extract, sum(count for _holding, count in kept))
    path, done = folder / "person.zip", 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_("Contents") + ".txt", _contents(extract, card.name, kept))
        for holding, _count in kept:
            table, found = holdings.columns(holding), []
            for row in holdings.rows(holding, subject, card.emails).iterator(chunk_size=_ROWS):
                found.append({name: getattr(row, name) for name in table})
                if holding.file:
                    _file(archive, holding, row)
                done += 1
                if done % _ROWS == 0:
                    _progress(extract, done)
            text = json.dumps(found, ensure_ascii=False, indent=1, cls=DjangoJSONEncoder)
            archive.writestr(f"{holding.model.lower()}.json", text)
    _progress(extract, done)
    return path


def _file(archive: zipfile.ZipFile, holding: holdings.Holding, row: Any) -> None:
    """Kept bytes under a name of our own making: what somebody called them may be a path."""
    blob: Blob | None = getattr(row, holding.file)
    if blob is None or not blob.size:
        return
    tail = Path(str(getattr(row, holding.name))).suffix[:10] if holding.name else ".eml"
    tail = tail if tail[1:].isalnum() else ""
    name = f"files/{holding.model.lower()}-{row.pk}{tail}"
    try:
        content = files.read(blob)
    except OSError:
        archive.writestr(f"{name}.txt", _("The disk has lost this file."))
        return
    archive.writestr(name, content)


def _contents(extract: Extract, name: str, kept: list[tuple[holdings.Holding, int]]) -> str:
    lines = [
        _("Personal data of: %(name)s") % {"name": name},
        _("Reason: %(reason)s") % {"reason": extract.reason},
        _("Put together: %(at)s") % {"at": f"{timezone.localtime(extract.asked_at):%d.%m.%Y %H:%M}"},
        "",
    ]
    lines += [f"{holding.model.lower()}.json — {holding.category}: {count}" for holding, count in kept]
    lines += [
        "",
        _("Not in this file: secrets of signing in; internal notes of the desk."),
        _(
            "Date of birth, SNILS, addresses, bank details, scans and sums of payslips are shown to nobody but "
            "the person and his personnel or payroll accountant: he reads them on his own pages, or they give them on "
            "paper."
        ),
    ]
    return "\r\n".join(str(line) for line in lines)


def asked_of(extract: Extract) -> looks.Asked:
    """What an extract of looks is narrowed to."""
    since, until = (parse_datetime(str(extract.query[name])) for name in ("since", "until"))
    assert since is not None and until is not None
    by = tuple(int(pk) for pk in extract.query.get("by", ()))
    return looks.Asked(since, until, by, Subject.read(extract.subject) if extract.subject else None)


def _table(extract: Extract, folder: Path) -> Path:
    asked = asked_of(extract)
    _begin(extract, looks.count(asked))
    path = folder / f"looks.{extract.kind}"
    moment = "%d.%m.%Y %H:%M"
    about = [
        (_("Reason"), extract.reason),
        (_("From the day"), f"{timezone.localtime(asked.since):{moment}}"),
        (_("Until"), f"{timezone.localtime(asked.until):{moment}}"),
        (_("Put together"), f"{timezone.localtime(extract.asked_at):{moment}}"),
        (_("How looks are counted"), _("One line for a person, a thing and six hours; payslips each time.")),
    ]
    writer: Writer = (Xlsx if extract.kind == "xlsx" else Csv)(path, COLUMNS, about, _("Looks"))
    values, done = Values(COLUMNS), 0
    try:
        for batch in looks.lines(asked):
            for row in batch:
                writer.row(values.row(row))
            done += len(batch)
            _progress(extract, done)
    finally:
        writer.close()
    return path


def throw_away(now: datetime) -> int:
    """Files whose days are over, and those nobody is making any more. Returns how many."""
    return made.throw_away(Extract.objects.filter(asked_at__lt=now - KEPT))
