"""Questions: the worker's form beside a line, the accountant's list and answers."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.core.decisions import Refused
from provodnik.payslips.actions import asking, reading
from provodnik.payslips.forms import AnswerForm, AskForm
from provodnik.payslips.models import PayQuestion
from provodnik.payslips.policies import visible_questions
from provodnik.payslips.queries import keeping as queries
from provodnik.payslips.queries.contents import content_of
from provodnik.payslips.states import Looked
from provodnik.payslips.views.common import keeping, page
from provodnik.payslips.views.own import found, is_own, shown
from provodnik.people.forms import number as id_of
from provodnik.people.views.common import me


@login_required
@require_POST
def ask(request: HttpRequest, slip: int, number: int) -> HttpResponse:
    version, versions = found(request, slip, number)
    if not is_own(request, version):
        raise Http404
    form = AskForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            asked = asking.ask(
                version, given["line"], given["text"], key=given["key"], by=me(request), at=timezone.now()
            )
        except Refused as refused:
            form.add_error("text" if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, _("The question is with the accountant. The answer will stand by the line."))
            return HttpResponseRedirect(f"{reverse('payslips:version', args=[slip, number])}#q{asked.pk}")
    return shown(request, version, versions, form, status=422)


@keeping
@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    is_open = request.GET.get("which") != "answered"
    rows = queries.questions(me(request), is_open=is_open, before=id_of(request.GET.get("after")))
    return page(request, "payslips/questions.html", {"rows": rows, "is_open": is_open})


@keeping
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, pk: int) -> HttpResponse:
    """A question with the line that it is about. To read it is to look at a payslip: it is written down."""
    user, now = me(request), timezone.now()
    asked = (
        visible_questions(user)
        .select_related(
            "answered_by",
            "version__kept",
            "version__payslip__batch",
            "version__payslip__employment__person",
            "version__payslip__employment__position",
            "version__payslip__organisation",
        )
        .filter(pk=pk)
        .first()
    )
    if asked is None:
        raise Http404
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            asking.answer(asked.pk, form.cleaned_data["answer"], by=user, at=now)
        except Refused as refused:
            form.add_error("answer" if refused.field == "answer" else None, str(refused))
        else:
            messages.success(request, _("Answered. The worker is told that there is an answer."))
            return redirect("payslips:questions")
    if request.method == "GET":
        reading.looked(asked.version, Looked.PAGE, by=user, at=now)
    context = {"asked": asked, "line": _line(asked), "form": form, "slip": asked.version.payslip}
    return page(request, "payslips/question.html", context, status=422 if form.errors else 200)


def _line(asked: PayQuestion) -> object:
    lines = content_of(asked.version).lines
    return lines[asked.line] if asked.line is not None and asked.line < len(lines) else None
