"""What a worker reads: his months, one payslip with all that explains it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache

from django.db.models import F, Q

from provodnik.accounts.models import User
from provodnik.core import prepared
from provodnik.payslips.content import Change, Content, Line, difference
from provodnik.payslips.models import PayLook, PayQuestion, PayslipVersion
from provodnik.payslips.policies import visible_versions
from provodnik.payslips.queries.contents import content_of
from provodnik.payslips.states import VersionState
from provodnik.people.models import Employment

MOST_LOOKS = 20


@dataclass(frozen=True, slots=True)
class Month:
    """A line of the list. `version`: what is to be read; None for a payslip that was taken back, `back` says why."""

    period: date
    part: str
    version: PayslipVersion | None
    back: PayslipVersion | None

    @property
    def is_new(self) -> bool:
        return self.version is not None and self.version.opened_at is None


@dataclass(frozen=True, slots=True)
class Months:
    """`years`: those that hold any, the latest first; `months` of the chosen one."""

    years: list[int]
    year: int | None
    months: list[Month]


def places(user: User) -> list[Employment]:
    """Places of work of which he has ever had a payslip to read, the latest first."""
    rows = Employment.objects.filter(
        person__user_id=user.pk, payslips__versions__published_at__isnull=False
    ).select_related("organisation", "position")
    return sorted(
        rows.distinct(), key=lambda row: (row.ends_on is None, row.kind == "main", row.starts_on), reverse=True
    )


def months(user: User, place: Employment, year: int | None) -> Months:
    """One statement. A place of work has at most a few hundred payslips in a whole life."""
    theirs = PayslipVersion.objects.filter(
        payslip__employment=place, payslip__employment__person__user_id=user.pk, published_at__isnull=False
    )
    newest: dict[int, PayslipVersion] = {}
    for row in theirs.select_related("payslip").order_by("number"):
        before = newest.get(row.payslip_id)
        # what is published goes before what was taken back, of each the newest
        if before is None or row.state == VersionState.PUBLISHED or before.state != VersionState.PUBLISHED:
            newest[row.payslip_id] = row
    rows = sorted(
        newest.values(), key=lambda row: (row.payslip.period, row.published_at or row.loaded_at), reverse=True
    )
    years = sorted({row.payslip.period.year for row in rows}, reverse=True)
    chosen = year if year in years else (years[0] if years else None)
    found = [
        Month(
            row.payslip.period,
            row.payslip.part,
            row if row.state == VersionState.PUBLISHED else None,
            row if row.state != VersionState.PUBLISHED else None,
        )
        for row in rows
        if row.payslip.period.year == chosen
    ]
    return Months(years, chosen, found)


@dataclass(frozen=True, slots=True)
class Sums:
    """A month of the year's picture: the final calculation's net, None where there are no sums."""

    period: date
    net: Decimal | None
    version: PayslipVersion


@dataclass(frozen=True, slots=True)
class Shown:
    """A payslip as its page shows it. `versions`: all that the reader may read; `changes` against `before`; `year`: of
    the same place of work; `questions` by the place of their line in this version, `others`: of lines that are not."""

    version: PayslipVersion
    content: Content
    versions: list[PayslipVersion]
    before: PayslipVersion | None
    changes: list[Change]
    change: Decimal | None
    year: list[Sums]
    questions: dict[int, list[PayQuestion]]
    others: list[PayQuestion]
    looks: list[PayLook]
    is_own: bool
    near: tuple[PayslipVersion | None, PayslipVersion | None] = field(default=(None, None))


# Stand-ins of what differs from reader to reader, in statements that are written once (core/prepared.py).
_USER, _SLIP, _PLACE, _VERSION = -8_000_000_001, -8_000_000_002, -8_000_000_003, -8_000_000_004
_PART, _FROM, _TO = "~part~", date(1, 2, 3), date(1, 2, 4)
_NAMES = {
    _USER: "user", _SLIP: "slip", _PLACE: "place", _VERSION: "version", _PART: "part", _FROM: "since", _TO: "until",
}  # fmt: skip
_WAY = "payslip__employment"
_WITH = ("kept", "payslip", "payslip__organisation", _WAY, f"{_WAY}__person", f"{_WAY}__unit", f"{_WAY}__position")
_WITHOUT = frozenset(
    f"{way}__{name}"
    for way, names in {
        "payslip__organisation": ("sources",),
        _WAY: ("sources", "differs", "schedule"),
        f"{_WAY}__person": ("sources", "differs", "snils_sealed", "snils_digest", "phone", "email", "birth_date"),
        f"{_WAY}__unit": ("sources",),
        f"{_WAY}__position": ("sources",),
    }.items()
    for name in names
)


def _somebody() -> User:
    return User(pk=_USER, is_active=True)


@cache
def _versions() -> prepared.Reading[PayslipVersion]:
    rows = visible_versions(_somebody()).filter(payslip=_SLIP).order_by("number")
    return prepared.reading(rows, _NAMES, _WITH, without=_WITHOUT)


@cache
def _months() -> prepared.Reading[PayslipVersion]:
    rows = visible_versions(_somebody()).filter(
        Q(state=VersionState.PUBLISHED.value) | Q(pk=_VERSION),
        payslip__employment=_PLACE,
        payslip__part=_PART,
        payslip__period__gte=_FROM,
        payslip__period__lte=_TO,
    )
    return prepared.reading(rows.order_by("-payslip__period", "-number"), _NAMES, ("payslip",))


@cache
def _asked() -> prepared.Reading[PayQuestion]:
    rows = PayQuestion.objects.filter(version__payslip=_SLIP).annotate(who=F("answered_by__full_name")).order_by("pk")
    return prepared.reading(rows, _NAMES, ("version",), extra=("who",))


@cache
def _looks() -> prepared.Reading[PayLook]:
    rows = PayLook.objects.filter(version__payslip=_SLIP).annotate(who=F("by__full_name")).order_by("-pk")
    return prepared.reading(rows[:MOST_LOOKS], _NAMES, extra=("who",))


def find(user: User, slip: int, number: int | None) -> tuple[PayslipVersion, list[PayslipVersion]]:
    """A version that the reader may read, and all that he may read of this payslip; without a number the newest.
    One statement. Raises PayslipVersion.DoesNotExist."""
    if not user.is_authenticated or not user.is_active:
        raise PayslipVersion.DoesNotExist
    rows = _versions().all({"user": user.pk, "slip": slip})
    found = next((row for row in reversed(rows) if number is None or row.number == number), None)
    if found is None:
        raise PayslipVersion.DoesNotExist
    return found, rows


def shown(user: User, version: PayslipVersion, versions: list[PayslipVersion]) -> Shown:
    """Everything beside a version that the reader may see: `version` and `versions` came from `find`. Four statements
    at most."""
    slip = version.payslip
    is_own = slip.employment.person.user_id == user.pk
    content = content_of(version)
    around = _around(user, version)
    before = next((row for row in around if row.payslip.period < slip.period), None)
    told_before = content_of(before) if before is not None and before.has_lines and version.has_lines else None
    changes = difference(content, told_before) if told_before is not None else []
    questions, others = _questions(version, content)
    finals = [row for row in around if row.payslip.period.year == slip.period.year]
    return Shown(
        version=version,
        content=content,
        versions=versions,
        before=before if told_before is not None else None,
        changes=changes,
        change=content.net - told_before.net if told_before is not None else None,
        year=[
            Sums(
                row.payslip.period,
                row.accrued - row.withheld if row.accrued is not None and row.withheld is not None else None,
                row,
            )
            for row in reversed(finals)
        ],
        questions=questions,
        others=others,
        looks=_looks().all({"slip": slip.pk}),
        is_own=is_own,
        near=_near(around, version),
    )


def _around(user: User, version: PayslipVersion) -> list[PayslipVersion]:
    """The same part of other months at the same place of work, the newest version of each, the latest month first: of
    its year and the months before that it may be compared with. An accountant sees what its worker does, and of this
    payslip the version that he looks at."""
    slip = version.payslip
    values = {
        "user": user.pk,
        "place": slip.employment_id,
        "version": version.pk,
        "part": slip.part,
        "since": date(slip.period.year - 1, 1, 1),
        "until": date(slip.period.year + 1, 12, 1),
    }
    rows = _months().all(values)
    found: dict[int, PayslipVersion] = {}
    for row in rows:
        if row.payslip_id == slip.pk:
            found[slip.pk] = version
        else:
            found.setdefault(row.payslip_id, row)
    return list(found.values())


def _near(
    around: Sequence[PayslipVersion], version: PayslipVersion
) -> tuple[PayslipVersion | None, PayslipVersion | None]:
    """The month before and the month after, for the stepper."""
    at = next((place for place, row in enumerate(around) if row.payslip_id == version.payslip_id), None)
    if at is None:
        return None, None
    earlier = around[at + 1] if at + 1 < len(around) else None
    return earlier, around[at - 1] if at else None


def _questions(version: PayslipVersion, content: Content) -> tuple[dict[int, list[PayQuestion]], list[PayQuestion]]:
    """Questions of all versions of a payslip: by the line of this version that they are about, and the others."""
    rows = _asked().all({"slip": version.payslip_id})
    by_key: dict[tuple[str, str], Line] = {}
    for line in content.lines:
        by_key.setdefault(line.key, line)
    found: dict[int, list[PayQuestion]] = {}
    others = []
    for row in rows:
        place = row.line if row.version_id == version.pk else None
        if place is None and row.name:
            same = by_key.get((row.group, " ".join(row.name.casefold().split())))
            place = same.place if same is not None else None
        if place is None:
            others.append(row)
        else:
            found.setdefault(place, []).append(row)
    return found, others
