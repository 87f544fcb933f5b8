"""What the demo's people have signed on paper: most of them electronic documents, some have taken something back, one
was ticked by mistake, one was not taken by 1C; a new edition is being signed where a visitor is the personnel."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.consents.actions import editions, ending, marking, scans
from provodnik.consents.models import Consent, Edition
from provodnik.consents.states import About
from provodnik.core.uploads import NewFile
from provodnik.demo import data, zup
from provodnik.demo.pictures import screenshot
from provodnik.exchange.actions import giving
from provodnik.exchange.models import Parcel
from provodnik.notify.models import Notice
from provodnik.people.models import Employment, Organisation, StaffMember
from provodnik.people.policies import current, houses_of
from provodnik.people.states import StaffRole

SEED = 152
_SPACE = uuid.UUID("7d0d8f5e-1f7a-4b62-9d55-2f1f2c6f3a63")
SHARE = {About.KEDO: 0.92, About.SIGNATURE: 0.7, About.DATA: 0.85}
NEWER = 0.3  # of all, the edition that is being signed now
DAY = timedelta(days=1)


def sign(now: datetime) -> None:
    chance = random.Random(SEED)  # noqa: S311 - invented people, not secrets
    hr = User.objects.get(login="evgenia")
    first = houses_of(hr).first()
    on = timezone.localdate(now)
    for house in Organisation.objects.order_by("pk"):
        keeper = hr if house == first else _keeper(house)
        if keeper is not None:
            _signed(house, keeper, now, on, chance, newest=house == first)
    if first is not None:
        _ended(first, hr, now, on, chance)
    _answered(first, now)
    # they were told months ago
    Notice.objects.filter(key__startswith="consents:", read_at=None).exclude(user=hr).update(read_at=now)


def _keeper(house: Organisation) -> User | None:
    row = StaffMember.objects.filter(organisation=house, role=StaffRole.HR.value).select_related("user").first()
    return row.user if row is not None else None


def _key(*words: object) -> uuid.UUID:
    return uuid.uuid5(_SPACE, "/".join(map(str, words)))


def _signed(house: Organisation, by: User, now: datetime, on: date, chance: random.Random, *, newest: bool) -> None:
    places = Employment.objects.filter(current(on), organisation=house).order_by("entry__sort_key", "pk")
    people = list(dict.fromkeys(places.values_list("person_id", flat=True)))
    for told in data.toml("consents")["editions"]:
        if (told.get("only") and not newest) or told["since"] > on:
            continue
        about = About(told["about"])
        edition = editions.make_edition(
            house.pk, about, told["name"], told["text"], told["since"], key=_key(house.pk, told["name"], about),
            by=by, at=now - 60 * DAY,
        )  # fmt: skip
        share = NEWER if told.get("only") else SHARE[about]
        _mark(edition, [pk for pk in people if chance.random() < share], by, now, on)


def _mark(edition: Edition, people: Sequence[int], by: User, now: datetime, on: date) -> None:
    given_on = min(edition.since + 9 * DAY, on)
    for place in range(0, len(people), marking.MOST):
        marking.mark_many(
            edition.pk, given_on, people[place : place + marking.MOST], key=_key(edition.pk, place), by=by,
            at=now - 30 * DAY + timedelta(minutes=place), on=on,
        )  # fmt: skip


def _ended(house: Organisation, hr: User, now: datetime, on: date, chance: random.Random) -> None:
    """Some of the organisation whose personnel a visitor is."""
    anna = Consent.objects.filter(person__user__login="anna", standing="given").order_by("about")
    for row in anna:
        scan = NewFile("согласие.png", "image/png", screenshot(chance))
        scans.attach(row.pk, [scan], by=row.marked_by, at=now - 20 * DAY)
    held = Consent.objects.filter(organisation=house, standing="given").exclude(person__user__in=[hr.pk])
    rows = list(held.exclude(person__user__login="anna").select_related("person__user").order_by("pk"))
    kedo = [row for row in rows if row.about == About.KEDO.value]
    for row in kedo[4:7]:
        ending.withdraw(row.pk, on - 3 * DAY, "Заявление от работника", by=hr, at=now - 3 * DAY, on=on)
    for row in kedo[9:10]:
        ending.call_a_mistake(row.pk, "Отмечен однофамилец: подписал другой сотрудник", by=hr, at=now - 2 * DAY)
    own = next((row for row in rows if row.about == "data" and row.person.user and row.person.user.is_active), None)
    if own is not None and own.person.user is not None:
        ending.withdraw_own(own.pk, by=own.person.user, at=now - timedelta(hours=26), on=on - DAY)


def _answered(first: Organisation | None, now: datetime) -> None:
    """1C has heard of them by its folder and has answered, but for what is of yesterday; one it has refused."""
    base = zup.base(now)
    giving.collect(at=now - DAY)
    while giving.put_down(base, at=now - DAY):
        pass
    for path in (settings.EXCHANGE_DIR / base.code / "out").glob("portal-*"):  # as a sender takes them away
        path.unlink()
    late = Consent.objects.filter(changed_at__gt=now - 2 * DAY).values_list("key", flat=True)
    told = list(Parcel.objects.filter(kind="consent").exclude(guid__in=late).order_by("-pk"))
    told.sort(key=lambda row: row.organisation_id != (first.pk if first else None))
    reason = "Карточка физического лица занята другим пользователем"
    rows = [
        {
            "type": "answer", "guid": str(row.guid), "version": row.version,
            **({"result": "refused", "reason": reason} if number == 0 else {"result": "taken"}),
        }
        for number, row in enumerate(told)
    ]  # fmt: skip
    if rows:
        zup.send(rows, name="answers", at=now)
