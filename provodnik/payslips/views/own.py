"""A worker's payslips. The page of one is the accountant's too: he sees what the worker sees, and is seen doing it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from provodnik.core.giving import as_attachment, send_file
from provodnik.payslips import paper, pictures
from provodnik.payslips.actions import reading
from provodnik.payslips.content import Line, composition, spending
from provodnik.payslips.forms import AskForm, ReasonForm
from provodnik.payslips.models import PayQuestion, PayslipVersion
from provodnik.payslips.plain import explained, is_sensitive
from provodnik.payslips.policies import keeps_payslips
from provodnik.payslips.queries import own
from provodnik.payslips.states import Group, Looked, VersionState
from provodnik.payslips.views.common import page, proof
from provodnik.payslips.words import GROUPS
from provodnik.people.forms import number as id_of
from provodnik.people.places import current_place
from provodnik.people.policies import works_here
from provodnik.people.queries.person import person_of
from provodnik.people.views.common import clock, me

PDF = "application/pdf"


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Months by years, of one place of work."""
    user = me(request)
    person = person_of(user)
    if person is None:
        if not works_here(user):
            raise Http404
        # personnel or an accountant without a place of work: nothing is paid here, but it is in their menu
        return page(request, "payslips/index.html", {"nobody": True, "keeps": keeps_payslips(user)})
    if (question := proof(request)) is not None:
        return question
    places = own.places(user)
    wanted = id_of(request.GET.get("place"))
    acting = current_place(request, on=clock()[1]) if wanted is None else None
    here = acting.pk if acting is not None else wanted
    place = next((one for one in places if one.pk == here), places[0] if places else None)
    months = own.months(user, place, id_of(request.GET.get("year"))) if place is not None else None
    return page(
        request,
        "payslips/index.html",
        {"places": places, "place": place, "months": months, "keeps": keeps_payslips(user), "former": user.is_former},
    )


def found(request: HttpRequest, slip: int, number: int | None) -> tuple[PayslipVersion, list[PayslipVersion]]:
    """The version, for who may read it, and the others that he may read."""
    try:
        return own.find(me(request), slip, number)
    except PayslipVersion.DoesNotExist as error:
        raise Http404 from error


def is_own(request: HttpRequest, version: PayslipVersion) -> bool:
    return version.payslip.employment.person.user_id == me(request).pk


@login_required
@require_safe
def show(request: HttpRequest, slip: int, number: int | None = None) -> HttpResponse:
    """A payslip, its newest version or a named one."""
    version, versions = found(request, slip, number)
    if is_own(request, version) and (question := proof(request)) is not None:
        return question
    asked = request.GET.get("ask", "")
    line = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else None
    return shown(request, version, versions, AskForm(initial={"line": line}) if line is not None else None)


def shown(
    request: HttpRequest,
    version: PayslipVersion,
    versions: list[PayslipVersion],
    form: AskForm | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """The page of a version, with a form at the line that is asked about."""
    user, now = me(request), timezone.now()
    seen = own.shown(user, version, versions)
    if request.method == "GET":
        if not seen.is_own:
            reading.looked(version, Looked.PAGE, by=user, at=now)
        elif version.state == VersionState.PUBLISHED:
            reading.opened(version, at=now)
    line = _line_of(form)
    if not seen.is_own or version.state != VersionState.PUBLISHED or (line or 0) >= max(len(seen.content.lines), 1):
        form, line = None, None
    unnamed = {one.name for one in seen.content.lines if is_sensitive(one.name)}
    whole_form = None
    if not seen.content.lines and seen.is_own and version.state == VersionState.PUBLISHED:
        whole_form = form if form is not None and form.is_bound else AskForm()
    context = {
        "shown": seen,
        "whole_form": whole_form,
        "version": version,
        "slip": version.payslip,
        "place": version.payslip.employment,
        "content": seen.content,
        "groups": _groups(seen, line),
        "form": form,
        "asking": line,
        "up": seen.change is not None and seen.change > 0,
        "size": abs(seen.change) if seen.change is not None else None,
        "year_picture": pictures.year([(one.period, one.net) for one in seen.year], version.payslip.period),
        "year_months": sum(one.net is not None for one in seen.year),
        "year_total": sum((one.net for one in seen.year if one.net is not None), Decimal("0.00")),
        "made_of": pictures.whole(
            composition(seen.content.of(Group.PAY, Group.OTHER), unnamed=unnamed),
            title=_("What was accrued"),
            rest=_("all the rest"),
        ),
        "spent_on": pictures.whole(
            spending(seen.content, _("to you"), unnamed=unnamed), title=_("Where it has gone"), rest=_("all the rest")
        ),
        "withdraw": ReasonForm() if not seen.is_own else None,
    }
    return page(request, "payslips/show.html", context, status=status)


def _line_of(form: AskForm | None) -> int | None:
    if form is None:
        return None
    told = form.data.get("line") if form.is_bound else form.initial.get("line")
    text = str(told if told is not None else "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it is drawn. `sign`: as the worker feels it."""

    line: Line
    signed: Decimal
    explained: str
    is_hidden: bool
    questions: list[PayQuestion]
    is_asked: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    name: str
    group: str
    total: Decimal
    rows: list[Row]


def _groups(seen: own.Shown, asking: int | None) -> list[Drawn]:
    """The groups of art. 136 TK; deductions always, though there are none: it is a thing to know."""
    drawn = []
    for group in Group:
        lines = seen.content.of(group)
        if not lines and (group is not Group.DEDUCTION or not seen.content.lines):
            continue
        rows = [
            Row(
                line,
                line.signed,
                explained(line.group, line.name),
                # asked about or answered, it is open already: the reader came for it
                is_sensitive(line.name) and line.place != asking,
                seen.questions.get(line.place, []),
                line.place == asking,
            )
            for line in lines
        ]
        drawn.append(Drawn(str(GROUPS[group.value]), group.value, sum((row.signed for row in rows), Decimal(0)), rows))
    return drawn


@login_required
@require_safe
def pdf(request: HttpRequest, slip: int, number: int) -> HttpResponseBase:
    """The document: 1C's own where it has sent one, else set from the lines, when it is asked for."""
    version, _versions = found(request, slip, number)
    own_one, now = is_own(request, version), timezone.now()
    if own_one and (question := proof(request)) is not None:
        return question
    if request.method == "GET":
        if not own_one:
            reading.looked(version, Looked.FILE, by=me(request), at=now)
        elif version.state == VersionState.PUBLISHED:
            reading.opened(version, at=now)
    if version.has_pdf and version.kept.pdf is not None:
        return send_file(version.kept.pdf, name=paper.file_name(version), content_type=PDF, inline=False)
    content = paper.slip(version, at=version.loaded_at)
    return as_attachment(HttpResponse(content, content_type=PDF), paper.file_name(version), len(content))
