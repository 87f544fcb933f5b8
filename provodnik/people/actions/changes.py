"""Requests to change one's own data (cabinet B9): asked with proof, checked by personnel, proved by 1C."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from provodnik.accounts import announce as accounts_announce
from provodnik.accounts import journal
from provodnik.accounts.models import User, Way
from provodnik.core import files, volume
from provodnik.core.decisions import ChangedMeanwhile, Refused, require
from provodnik.core.text import one_line
from provodnik.core.uploads import NewFile, kept_scan, volume_of
from provodnik.notify.actions import notify
from provodnik.people import announce, words
from provodnik.people.actions.persons import PERSONS, renamed
from provodnik.people.actions.taking import Said, Verdict, apply, record
from provodnik.people.changes import cleaned
from provodnik.people.models import DataRequest, DataRequestFile, DataRequestStep, Person, StaffMember
from provodnik.people.policies import may_judge
from provodnik.people.queries.rules import value as rule
from provodnik.people.rules import Code
from provodnik.people.states import (
    MOVES,
    OPEN,
    TOLD_BY_1C,
    WITH_SCAN,
    ChangeKind,
    ChangeState,
    Happened,
    Proof,
    Source,
    StaffRole,
)

MOST_SCANS = 10
LONGEST_REASON = 1000
CONTACTS: dict[ChangeKind, Way] = {ChangeKind.PHONE: Way.PHONE, ChangeKind.EMAIL: Way.EMAIL}


def about(person_id: int, kind: ChangeKind) -> str:
    """Of what a code is the proof (accounts.actions.contacts)."""
    return f"person:{person_id}:{kind.value}"


def ask(
    person_id: int,
    organisation_id: int,
    kind: ChangeKind,
    values: Mapping[str, Any],
    scans: Sequence[NewFile] = (),
    *,
    key: uuid.UUID,
    by: User,
    at: datetime,
    on: date,
) -> DataRequest:
    """Ask for a change that personnel checks. The same `key` again gives the first. For bank details the old contacts
    are told, and nothing is taken before the organisation's days are over. Raises Refused."""
    told = cleaned(kind, values)
    _enough_scans(kind, scans)
    with transaction.atomic():
        person = Person.objects.select_for_update(of=("self",)).get(pk=person_id, user=by)
        known = DataRequest.objects.filter(key=key).first()
        if known is not None:
            if known.person_id != person.pk:
                raise Refused(_("This form was sent already."))
            return known
        _differs(person, kind, told)
        row = DataRequest(key=key, person=person, organisation_id=organisation_id, kind=kind.value, made_at=at)
        row.told, row.state, row.since = json.dumps(told, ensure_ascii=False), ChangeState.SENT.value, at
        if kind is ChangeKind.BANK:
            row.held_until = on + timedelta(days=rule(Code.BANK_PAUSE, organisation_id, on=on))
        _insert(row)
        _step(row, by=by, at=at)
        _keep_scans(row, scans, by=by, at=at)
        _tell_personnel(row, at=at)
        if kind is ChangeKind.BANK:
            announce.bank_change_asked(row, at=at)
    return row


def _enough_scans(kind: ChangeKind, scans: Sequence[NewFile], already: int = 0) -> None:
    if kind in WITH_SCAN and not scans and not already:
        raise Refused(_("Attach a scan or a photo of the document: personnel checks by it."), "files")
    if len(scans) + already > MOST_SCANS:
        raise Refused(_("That is too many files: the pages of one document are enough."), "files")


def _differs(person: Person, kind: ChangeKind, told: Mapping[str, str]) -> None:
    names = TOLD_BY_1C.get(kind)
    if names and all(told.get(name, "") == str(getattr(person, name) or "") for name in names):
        raise Refused(_("This is what is kept of you already."), names[0])


def _insert(row: DataRequest) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(_("A request of this kind is open already: change or cancel that one.")) from error


def _keep_scans(row: DataRequest, scans: Sequence[NewFile], *, by: User, at: datetime) -> None:
    if not scans:
        return
    volume.require(volume.of_user(by.pk), **volume_of(scans), at=at)
    DataRequestFile.objects.bulk_create(DataRequestFile(request=row, **kept_scan(one)) for one in scans)


def _step(row: DataRequest, *, by: User | None, at: datetime) -> None:
    DataRequestStep.objects.create(request=row, at=at, by=by, state=row.state, reason=row.reason)


def _tell_personnel(row: DataRequest, *, at: datetime) -> None:
    staff = StaffMember.objects.filter(organisation_id=row.organisation_id, role=StaffRole.HR.value)
    users = User.objects.filter(pk__in=staff.values("user_id")).exclude(pk=row.person.user_id or 0)
    steps = row.steps.count()
    address = reverse("people:request", args=[row.pk])
    text = _("%(who)s asks to change data: %(what)s") % {
        "who": row.person.full_name,
        "what": words.change_word(row.kind),
    }
    notify(users, key=f"people:request:{row.pk}:{steps}", text=text, at=at, url=address)


def take_contact(
    person_id: int, organisation_id: int, kind: ChangeKind, value: str, *, by: User, at: datetime, on: date
) -> DataRequest:
    """A phone or an e-mail that was just proved by a code: it holds here at once, as a hand's word; 1C has to learn of
    it. The contacts of before are told. Raises Refused."""
    name = kind.value
    if not rule(Code.CONTACTS_BY_CODE, organisation_id, on=on):
        raise Refused(_("In your organisation personnel checks each such change."))
    with transaction.atomic():
        person = Person.objects.select_for_update(of=("self",)).select_related("user").get(pk=person_id, user=by)
        told = cleaned(kind, {name: value})
        _differs(person, kind, told)
        before = [(Way.PHONE, person.phone), (Way.EMAIL, person.email), (Way.EMAIL, by.email)]
        said, verdict = Said(Source.HAND, at, by), Verdict(None, pk=person.pk)
        old_value = getattr(person, name)
        changed = apply(PERSONS, person, told, said, verdict)
        setattr(person, f"{name}_confirmed_at", at)
        person.save(update_fields=["sources", "differs", name, f"{name}_confirmed_at"])
        record(Happened.CORRECTED, said, changed, person=person.pk)
        row = _waiting(person, organisation_id, kind, told, by=by, at=at)
        if kind is ChangeKind.EMAIL:
            _account_follows(by, old_value, told[name], at=at)
        accounts_announce.contact_changed(CONTACTS[kind], to=[one for one in before if one[1] != told[name]], at=at)
        _tell_personnel(row, at=at)
    return row


def _waiting(
    person: Person, organisation_id: int, kind: ChangeKind, told: Mapping[str, str], *, by: User, at: datetime
) -> DataRequest:
    """The request by which 1C has to learn of it: one that waits already goes on with what is proved now, one that
    personnel has not judged gives way."""
    open_ones = DataRequest.objects.filter(person=person, kind=kind.value, state__in=[one.value for one in OPEN])
    found = open_ones.select_for_update(of=("self",)).first()
    if found is not None and found.state != ChangeState.WAITING.value:
        _move(found, ChangeState.CANCELLED, reason=_("Another one has come in its place."), by=by, at=at)
        found = None
    row = found or DataRequest(person=person, organisation_id=organisation_id, kind=kind.value, made_at=at)
    row.told, row.state = json.dumps(told, ensure_ascii=False), ChangeState.WAITING.value
    row.since, row.by_code = at, True
    if found is None:
        _insert(row)
    else:
        row.save(update_fields=["sealed", "since", "by_code"])
    _step(row, by=by, at=at)
    return row


def _account_follows(user: User, old: str, new: str, *, at: datetime) -> None:
    """The account's address, by which a forgotten password is mended, goes along where it was the same one, or none;
    unless it is somebody else's."""
    if user.email in ("", old) and not User.objects.filter(email=new).exclude(pk=user.pk).exists():
        before, user.email = user.email, new
        user.save(update_fields=["email"])
        journal.note(user, "changed", by=user, at=at, email=[before, new])


def _locked(pk: int) -> DataRequest:
    rows = DataRequest.objects.select_for_update(of=("self",)).select_related("person__user", "organisation")
    return rows.get(pk=pk)


def _move(row: DataRequest, to: ChangeState, *, reason: str = "", by: User, at: datetime) -> None:
    if to not in MOVES[ChangeState(row.state)]:
        raise ChangedMeanwhile(_("The request has gone on meanwhile: look at the page again."))
    row.state, row.since, row.reason = to.value, at, reason
    row.save(update_fields=["state", "since", "reason", "proof", "held_until", "sealed"])
    _step(row, by=by, at=at)


def _tell_worker(row: DataRequest, text: str, *, at: datetime, tone: str = "") -> None:
    if row.person.user is not None:
        key, address = f"people:request:{row.pk}:{row.steps.count()}", reverse("people:my_request", args=[row.pk])
        notify([row.person.user], key=key, text=text, at=at, url=address, tone=tone)


def send_again(
    pk: int, values: Mapping[str, Any], scans: Sequence[NewFile] = (), *, by: User, at: datetime, on: date
) -> DataRequest:
    """The worker has set right what was returned. Raises Refused, DataRequest.DoesNotExist."""
    with transaction.atomic():
        row = _locked(pk)
        if row.person.user_id != by.pk:
            raise DataRequest.DoesNotExist
        kind = ChangeKind(row.kind)
        told = cleaned(kind, values)
        _enough_scans(kind, scans, row.files.count())
        row.told = json.dumps(told, ensure_ascii=False)
        if kind is ChangeKind.BANK:
            row.held_until = on + timedelta(days=rule(Code.BANK_PAUSE, row.organisation_id, on=on))
        _move(row, ChangeState.SENT, by=by, at=at)
        _keep_scans(row, scans, by=by, at=at)
        _tell_personnel(row, at=at)
        if kind is ChangeKind.BANK:
            announce.bank_change_asked(row, at=at)
    return row


def cancel(pk: int, *, by: User, at: datetime) -> DataRequest:
    """The worker does not want it any more, or it was not he. Raises Refused, DataRequest.DoesNotExist."""
    with transaction.atomic():
        row = _locked(pk)
        if row.person.user_id != by.pk:
            raise DataRequest.DoesNotExist
        _move(row, ChangeState.CANCELLED, by=by, at=at)
    return row


def accept(pk: int, *, by: User, at: datetime, on: date) -> DataRequest:
    """Personnel has checked it. A name holds here at once, as a hand's word; the rest is for 1C. Raises Refused,
    Person.DoesNotExist."""
    with transaction.atomic():
        # the person before the request, as an exchange that proves one locks them (actions.proving)
        person = Person.objects.select_for_update(of=("self",)).get(data_requests=pk)
        row = _judged(pk, by)
        if row.held_until is not None and on < row.held_until:
            raise Refused(_("The days for which the owner may say that it was not he are not over yet."))
        _move(row, ChangeState.WAITING, by=by, at=at)
        names = TOLD_BY_1C.get(ChangeKind(row.kind))
        if names:
            _write(row, person, names, by=by, at=at)
        _tell_worker(row, _("Personnel has accepted: %(what)s") % {"what": words.change_word(row.kind)}, at=at)
    return row


def _judged(pk: int, by: User) -> DataRequest:
    row = _locked(pk)
    require(may_judge(by, row))
    return row


def _write(row: DataRequest, person: Person, names: Sequence[str], *, by: User, at: datetime) -> None:
    asked = json.loads(row.told)
    said, verdict = Said(Source.HAND, at, by), Verdict(None, pk=person.pk)
    wanted = {name: asked.get(name, "") for name in names if asked.get(name, "") != str(getattr(person, name) or "")}
    told = apply(PERSONS, person, wanted, said, verdict)
    if told:
        columns = [column for name in verdict.changed for column in PERSONS.columns.get(name, (name,))]
        person.save(update_fields=["sources", "differs", *columns])
        record(Happened.CORRECTED, said, told, person=person.pk)
        renamed([verdict])


def give_back(pk: int, reason: str, *, by: User, at: datetime) -> DataRequest:
    """Something is to be set right. Raises Refused, DataRequest.DoesNotExist."""
    return _answered(pk, ChangeState.RETURNED, reason, by=by, at=at)


def refuse(pk: int, reason: str, *, by: User, at: datetime) -> DataRequest:
    """It is not taken, and why. Raises Refused, DataRequest.DoesNotExist."""
    return _answered(pk, ChangeState.REFUSED, reason, by=by, at=at)


def _answered(pk: int, to: ChangeState, reason: str, *, by: User, at: datetime) -> DataRequest:
    reason = one_line(reason, LONGEST_REASON + 1).strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Refused(_("Say why, in a few sentences."), "reason")
    with transaction.atomic():
        row = _judged(pk, by)
        _move(row, to, reason=reason, by=by, at=at)
        what = {"what": words.change_word(row.kind)}
        text = _("To be set right: %(what)s") if to is ChangeState.RETURNED else _("Not taken: %(what)s")
        _tell_worker(row, text % what, at=at, tone="warning")
    return row


def entered(pk: int, *, by: User, at: datetime) -> DataRequest:
    """Personnel says that it is in 1C. Only of what the exchange does not tell: the rest it proves itself.
    Raises Refused, DataRequest.DoesNotExist."""
    with transaction.atomic():
        row = _judged(pk, by)
        if ChangeKind(row.kind) in TOLD_BY_1C:
            raise Refused(_("The exchange says it by itself once 1C has it."))
        row.proof = Proof.PERSONNEL.value
        _move(row, ChangeState.DONE, by=by, at=at)
        _tell_worker(row, words.told_done(row.kind), at=at, tone="success")
    return row


def wipe(*, at: datetime, on: date, limit: int = 500) -> int:
    """Erase scans and words of requests that are over for longer than their organisation keeps them. Returns how many.
    That the request was there, its kind and its steps stay."""
    over = DataRequest.objects.filter(wiped_at__isnull=True).exclude(state__in=[one.value for one in OPEN])
    due: list[int] = []
    for house in over.order_by("organisation").values_list("organisation_id", flat=True).distinct():
        until = at - timedelta(days=rule(Code.SCANS_KEPT, house, on=on))
        theirs = over.filter(organisation_id=house, since__lte=until).order_by("since", "pk")
        due += theirs.values_list("pk", flat=True)[:limit]
    for pk in due:
        with transaction.atomic():
            row = DataRequest.objects.select_for_update(of=("self",)).get(pk=pk)
            blobs = list(row.files.values_list("blob_id", flat=True))
            row.files.all().delete()
            files.release(blobs)
            row.sealed, row.wiped_at = "", at
            row.save(update_fields=["sealed", "wiped_at"])
    return len(due)
