"""Making works and leading them: each step is a page of its own that says what will follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from provodnik.accounts.models import User
from provodnik.core.decisions import Refused
from provodnik.desk.views.workbench.common import user_of
from provodnik.works import announce, policies
from provodnik.works.actions import leading as actions
from provodnik.works.forms import StepForm, WorkForm, initial_new, initial_of
from provodnik.works.models import Work
from provodnik.works.states import Kind, State, is_late
from provodnik.works.views.common import frame_of, leading, work_or_404

form_methods = require_http_methods(["GET", "HEAD", "POST"])


@leading
@form_methods
def new(request: HttpRequest) -> HttpResponse:
    """Written down as a draft."""
    user, now = user_of(request), timezone.now()
    if request.method != "POST":
        return _form(request, WorkForm(initial=initial_new(now, request.GET.dict())))
    form = WorkForm(request.POST)
    if form.is_valid():
        try:
            work = actions.draft(form.new_work(), key=form.cleaned_data["key"], by=user, at=now)
        except Refused as refused:
            _put(form, refused)
        else:
            messages.success(request, _("The draft is kept. Nobody else sees it until you announce it."))
            return redirect("works:show", pk=work.pk)
    return _form(request, form, status=422)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 16 else None


@leading
@form_methods
def change(request: HttpRequest, pk: int) -> HttpResponse:
    user, now = user_of(request), timezone.now()
    work = work_or_404(request, pk)
    if not policies.may_edit(user, work):
        return _refused(request, work, policies.may_edit(user, work).reason)
    if request.method != "POST":
        return _form(request, WorkForm(work=work, initial=initial_of(work)), work=work)
    form = WorkForm(request.POST, work=work, initial=initial_of(work))
    if form.is_valid():
        revision = _number(request.POST.get("revision", ""))
        try:
            actions.change(
                pk,
                form.new_work(),
                reason=form.cleaned_data.get("reason", ""),
                by=user,
                at=now,
                revision=revision,
            )
        except Refused as refused:
            _put(form, refused)
        else:
            messages.success(request, _("The changes are saved."))
            return redirect("works:show", pk=pk)
    return _form(request, form, work=work, status=422)


def _form(request: HttpRequest, form: WorkForm, *, work: Work | None = None, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "work": work,
        "frame": frame_of(user_of(request)),
        "chosen_sections": form.chosen("subsystems") or _("the whole portal"),
        "chosen_customers": form.chosen("customers") or _("all customers"),
    }
    return render(request, "works/form.html", context, status=status)


def _put(form: Any, refused: Refused) -> None:
    form.add_error(refused.field if refused.field in form.fields else None, str(refused))


def _refused(request: HttpRequest, work: Work, reason: str | Promise) -> HttpResponse:
    messages.error(request, str(reason))
    return redirect("works:show", pk=work.pk)


@dataclass(frozen=True, slots=True)
class Step:
    """A step as its page shows it. `to`: the state it moves to; `moment`: the label of when it really was."""

    to: State | None
    heading: str | Promise
    button: str | Promise
    label: str | Promise
    hint: str | Promise
    done: str | Promise
    tone: str = "primary"
    moment: str | Promise | None = None


_READ = gettext_lazy("Everybody whom it concerns will read it.")
STEPS: dict[str, Step] = {
    "announce": Step(
        State.ANNOUNCED,
        gettext_lazy("Announce"),
        gettext_lazy("Announce"),
        gettext_lazy("A word to it"),
        _READ,
        gettext_lazy("It is announced. The letters are on their way."),
    ),
    "begin": Step(
        State.GOING,
        gettext_lazy("It has begun"),
        gettext_lazy("Say that it has begun"),
        gettext_lazy("A word to it"),
        _READ,
        gettext_lazy("It is going on. The letters are on their way."),
        moment=gettext_lazy("When it really began"),
    ),
    "news": Step(
        None,
        gettext_lazy("News"),
        gettext_lazy("Tell the news"),
        gettext_lazy("What is found, what is done, until when to wait"),
        _READ,
        gettext_lazy("The news is told. The letters are on their way."),
    ),
    "end": Step(
        State.ENDED,
        gettext_lazy("It is over"),
        gettext_lazy("Say that it is over"),
        gettext_lazy("What it was, and what was done"),
        _READ,
        gettext_lazy("It is over. The letters are on their way."),
        moment=gettext_lazy("When it was really over"),
    ),
    "cancel": Step(
        State.CANCELLED,
        gettext_lazy("It will not be"),
        gettext_lazy("Cancel the works"),
        gettext_lazy("Why"),
        _READ,
        gettext_lazy("It is cancelled."),
        tone="danger",
    ),
}


@leading
@form_methods
def step(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Announce, begin, tell the news, end, cancel: asked once on a page that says whom the letters go to."""
    taken = STEPS.get(what)
    if taken is None:
        raise Http404
    user, now = user_of(request), timezone.now()
    work = work_or_404(request, pk)
    options: dict[str, Any] = {"label": taken.label, "hint": taken.hint, "moment": taken.moment}
    form = StepForm(request.POST or None, initial={"revision": work.revision}, **options)
    if request.method == "POST" and form.is_valid():
        try:
            _take(what, work, form, user)
        except Refused as refused:
            _put(form, refused)
        else:
            messages.success(request, str(taken.done))
            return redirect("works:show", pk=pk)
    elif request.method != "POST":
        may = policies.may_report(user, work) if taken.to is None else policies.may_move(user, work, taken.to)
        if not may:
            return _refused(request, work, may.reason)
    context = {
        "form": form,
        "work": work,
        "step": taken,
        "what": what,
        "frame": frame_of(user),
        "now": now,
        "letters": _letters(work, taken),
        "late": what == "announce"
        and is_late(work.kind, told=now, starts=work.starts_at, notice=settings.WORKS_NOTICE),
        "unannounced": what == "begin" and work.announced_at is None and work.kind == Kind.PLANNED.value,
        "notice": settings.WORKS_NOTICE,
    }
    return render(request, "works/step.html", context, status=422 if form.errors else 200)


def _letters(work: Work, step: Step) -> int:
    """How many people will be written to; a draft that is thrown away is told to nobody."""
    if step.to is State.CANCELLED and work.announced_at is None:
        return 0
    return announce.recipients(work).count()


def _take(what: str, work: Work, form: StepForm, user: User) -> None:
    typed = form.cleaned_data
    text, now = typed["reason"], timezone.now()
    moment = typed.get("moment")
    revision = typed["revision"]
    if what == "announce":
        actions.announce(work.pk, reason=text, by=user, at=now, revision=revision)
    elif what == "begin":
        actions.begin(work.pk, text=text, since=moment, by=user, at=now, revision=revision)
    elif what == "news":
        actions.report(work.pk, text=text, by=user, at=now)
    elif what == "end":
        actions.end(work.pk, text=text, until=moment, by=user, at=now, revision=revision)
    else:
        actions.cancel(work.pk, reason=text, by=user, at=now, revision=revision)
