"""The requester's pages: «Обратная связь», own requests and the company's, one request with its conversation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.accounts.models import User
from provodnik.channels.models import Channel
from provodnik.core.decisions import Refused
from provodnik.core.parts import hints
from provodnik.core.text import one_line
from provodnik.desk import clock_words, looks, policies
from provodnik.desk.actions import closing, incoming
from provodnik.desk.actions.opening import NewTicket, open_ticket
from provodnik.desk.forms.requester import AnswerForm, FeedbackForm, RatingForm, WithdrawForm
from provodnik.desk.models import Ticket
from provodnik.desk.queries import requester as queries
from provodnik.desk.queries.facts import clock_story
from provodnik.desk.queries.marks import asked_of, own_fields
from provodnik.desk.queries.promises import promises
from provodnik.desk.states import Impact

BEGUN = "feedback"  # in the session: {field: value}


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _ticket(request: HttpRequest, number: int) -> Ticket:
    """The ticket, if the asker is its requester or the customer's coordinator; else it does not exist."""
    tickets = queries.visible(_user(request), "company")
    return get_object_or_404(
        tickets.select_related("contract__calendar", "customer", "contact", "assignee", "subsystem", "merge"), pk=number
    )


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Own requests; a coordinator may look at the company's."""
    user = _user(request)
    contact = policies.contact_of(user)
    if contact is None:
        raise Http404
    scope = "company" if request.GET.get("scope") == "company" and contact.is_coordinator else "own"
    state = request.GET.get("state", "")
    state = state if state in {"open", "done"} else ""
    words = request.GET.get("q", "")[:200]
    before = request.GET.get("before", "")
    page = queries.own_tickets(
        user,
        scope=scope,
        state=state,
        words=words,
        before=int(before) if before.isdecimal() and len(before) < 16 else None,
    )
    return render(
        request,
        "desk/requester/index.html",
        {
            "page": page,
            "scope": scope,
            "state": state,
            "words": words,
            "contact": contact,
            "now": timezone.now(),
            # nothing written yet: the page is its invitation alone
            "untouched": not page.tickets and not (state or words or before) and not contact.is_coordinator,
            # which chips are pressed
            "own": scope == "own",
            "company": scope == "company",
            "all": not state,
            "open": state == "open",
            "done": state == "done",
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """«Обратная связь»: what happened, and at once a number and a deadline."""
    user = _user(request)
    contact = policies.contact_of(user)
    if contact is None:
        raise Http404
    now = timezone.now()
    asked = asked_of(contact.customer, timezone.localdate(now))
    if request.method == "POST":
        form = FeedbackForm(request.POST, request.FILES, own=asked)
        if form.is_valid():
            try:
                ticket = open_ticket(_new_ticket(form, user, request), key=form.cleaned_data["key"], by=user, at=now)
            except Refused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, str(refused))
            else:
                return redirect("requests:receipt", number=ticket.pk)
    else:
        begun = request.session.pop(BEGUN, {})  # another page of ours led here with the first words of a request
        form = FeedbackForm(
            initial={"contact_email": contact.email or user.email, "page": _came_from(request), **begun}, own=asked
        )
    context = {
        "form": form,
        "promises": promises(contact.customer, now=now),
        "addresses": queries.addresses(),
        "hints": hints(request),
    }
    return render(request, "desk/requester/new.html", context, status=422 if form.errors else 200)


def _came_from(request: HttpRequest) -> str:
    """The page of this portal that the person was on, without its query (which may hold what he searched for)."""
    referrer = urlsplit(request.headers.get("Referer", ""))
    return one_line(referrer.path, 300) if referrer.netloc == request.get_host() else ""


def _new_ticket(form: FeedbackForm, user: User, request: HttpRequest) -> NewTicket:
    cleaned = form.cleaned_data
    contact = policies.contact_of(user)
    assert contact is not None
    context: dict[str, Any] = {}
    if cleaned["share"]:
        context = {
            "page": cleaned["page"],
            "version": settings.VERSION,
            "browser": one_line(request.headers.get("User-Agent", ""), 300),
        }
    return NewTicket(
        text=cleaned["text"],
        channel=Channel.PORTAL,
        impact=Impact(cleaned["impact"]),
        customer=contact.customer,
        contact=contact,
        contact_email=cleaned["contact_email"],
        subsystem=cleaned["subsystem"],
        files=cleaned["files"],
        context=context,
        fields=form.own_values(),
    )


@login_required
@require_safe
def receipt(request: HttpRequest, number: int) -> HttpResponse:
    """What R9 promises at once: the number, the time, the priority, the deadline."""
    return render(request, "desk/requester/receipt.html", {"ticket": _ticket(request, number), "now": timezone.now()})


@login_required
@require_safe
def show(request: HttpRequest, number: int) -> HttpResponse:
    """One request. The number of a merged one leads to the request in which it goes on, if he may see that."""
    ticket = _ticket(request, number)
    target = policies.goes_on_in(ticket)
    if target is None or not queries.visible(_user(request), "company").filter(pk=target).exists():
        looks.at_ticket(request, ticket)
        return _page(request, ticket)
    messages.info(
        request, _("Request № %(number)s goes on here, in № %(target)s.") % {"number": number, "target": target}
    )
    return redirect("requests:show", number=target)


def _page(request: HttpRequest, ticket: Ticket, *, status: int = 200, **forms: Any) -> HttpResponse:
    user, now = _user(request), timezone.now()
    told = queries.conversation(user, ticket, everything=request.GET.get("all") == "1")
    own = queries.visible(user, "company")
    story = clock_story(ticket, told.events, now=now)
    context = {
        "ticket": ticket,
        "items": told.items,
        "hidden": told.hidden,
        "awaited": queries.awaited(ticket, told),
        "clock": clock_words.card(
            story, registered=ticket.registered_at, now=now, desk=False, complaint=ticket.is_complaint
        ),
        "now": now,
        "contact": policies.contact_of(user),
        "may_withdraw": policies.may_withdraw(user, ticket),
        "may_reopen": policies.may_reopen_by_writing(user, ticket, now=now),
        "reopen_until": policies.reopen_until(ticket),
        "may_rate": policies.may_rate(user, ticket, now=now),
        "may_complain": policies.may_complain(user, ticket),
        "answer_form": forms.get("answer_form") or AnswerForm(),
        "withdraw_form": forms.get("withdraw_form") or WithdrawForm(auto_id="id_withdraw_%s"),
        "rating_form": forms.get("rating_form") or RatingForm(auto_id="id_rate_%s"),
        "own_fields": [one for one in own_fields(ticket, asked=True) if one.value],
        "goes_on": policies.goes_on_in(ticket),
        "followers": list(own.filter(follows=ticket)[:5]),
        "complaints": list(own.filter(complains_of=ticket)[:5]),
        "complained": own.filter(pk=ticket.complains_of_id).first() if ticket.complains_of_id else None,
        "followed": own.filter(pk=ticket.follows_id).first() if ticket.follows_id else None,
    }
    return render(request, "desk/requester/show.html", context, status=status)


@login_required
@require_POST
def answer(request: HttpRequest, number: int) -> HttpResponse:
    ticket = _ticket(request, number)
    form = AnswerForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, ticket, status=422, answer_form=form)
    cleaned = form.cleaned_data
    now = timezone.now()
    try:
        went_to = incoming.answer(
            number, text=cleaned["text"], files=cleaned["files"], key=cleaned["key"], by=_user(request), at=now
        )
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else "text", str(refused))
        return _page(request, ticket, status=422, answer_form=form)
    if went_to.pk != number and went_to.pk != policies.goes_on_in(ticket):
        return redirect("requests:receipt", number=went_to.pk)
    messages.success(request, _("Your message is sent."))
    return redirect("requests:show", number=went_to.pk)


@login_required
@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """R15: the answer is no longer needed."""
    ticket = _ticket(request, number)
    form = WithdrawForm(request.POST, auto_id="id_withdraw_%s")

    def act() -> None:
        closing.withdraw(
            number, text=form.cleaned_data["text"], key=form.cleaned_data["key"], by=_user(request), at=timezone.now()
        )

    return _act(
        request, ticket, form, act, _("The request is closed: the answer is no longer needed."), "withdraw_form"
    )


@login_required
@require_POST
def rate(request: HttpRequest, number: int) -> HttpResponse:
    ticket = _ticket(request, number)
    form = RatingForm(request.POST, auto_id="id_rate_%s")

    def act() -> None:
        closing.rate(
            number,
            rating=form.cleaned_data["rating"],
            text=form.cleaned_data["text"],
            by=_user(request),
            at=timezone.now(),
        )

    return _act(request, ticket, form, act, _("Thank you: your mark is kept."), "rating_form")


def _act(
    request: HttpRequest, ticket: Ticket, form: Any, act: Callable[[], None], done: str, name: str
) -> HttpResponse:
    """One small form of the page: do it and come back, or show the page with what was typed and why not."""
    if form.is_valid():
        try:
            act()
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
        else:
            messages.success(request, done)
            return redirect("requests:show", number=ticket.pk)
    return _page(request, ticket, status=422, **{name: form})
