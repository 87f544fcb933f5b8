"""Mailboxes with their health, letters that did not become requests, letters that did not go out."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TypeVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.channels.email.account import Server
from provodnik.channels.email.checks import Step, check_imap, check_smtp
from provodnik.channels.email.mailboxes import imap_account, smtp_account
from provodnik.channels.models import Inbound, InboundState, Mailbox, Outgoing, OutgoingState
from provodnik.core import files, scanning
from provodnik.core.decisions import Refused
from provodnik.core.secrets import Unreadable
from provodnik.desk import looks
from provodnik.desk.actions.administration import mail as actions
from provodnik.desk.forms.administration.mail import MailboxForm, TestLetterForm
from provodnik.desk.queries import administration as queries
from provodnik.desk.views.administration.common import administrators_only, do, handle, me, paged, words

form_methods = require_http_methods(["GET", "HEAD", "POST"])
AnyServer = TypeVar("AnyServer", bound=Server)
PATIENCE = 10.0  # seconds a page waits for a silent server
LONGEST_CHECK = 20.0
SHOWN = 200_000  # bytes of a letter that its page shows; the rest is in the download
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@administrators_only
@require_safe
def mailboxes(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    return render(request, "desk/settings/mailboxes.html", {"lines": queries.mailbox_lines(now=now), "now": now})


def _save(request: HttpRequest, form: MailboxForm, mailbox: Mailbox | None, told: str) -> HttpResponse:
    def save() -> Mailbox:
        return actions.save_mailbox(
            form.instance,
            imap_password=form.cleaned_data["imap_password"],
            smtp_password=form.cleaned_data["smtp_password"],
            by=me(request),
            at=timezone.now(),
        )

    return handle(
        request,
        form,
        "desk/settings/mailbox.html",
        save=save,
        told=told,
        to=lambda saved: reverse("settings:mailbox", args=[saved.pk]),
        mailbox=mailbox,
        letter_form=TestLetterForm(initial={"recipient": me(request).email}, auto_id="letter_%s"),
    )


@administrators_only
@form_methods
def add_mailbox(request: HttpRequest) -> HttpResponse:
    form = MailboxForm(request.POST or None)
    return _save(request, form, None, _("The mailbox is added. Check it now."))


@administrators_only
@form_methods
def edit_mailbox(request: HttpRequest, pk: int) -> HttpResponse:
    form = MailboxForm(request.POST or None, instance=get_object_or_404(Mailbox, pk=pk))
    return _save(request, form, get_object_or_404(Mailbox, pk=pk), _("The changes are saved."))


def _quick(account: AnyServer) -> AnyServer:
    """The same account, for somebody who waits before a page."""
    return replace(account, connect_timeout=PATIENCE, timeout=PATIENCE, exchange_timeout=LONGEST_CHECK)


@administrators_only
@require_POST
def check_mailbox(request: HttpRequest, pk: int) -> HttpResponse:
    """Connect and log in, both ways, as the settings are saved; each step is told up to the first that fails."""
    mailbox = get_object_or_404(Mailbox, pk=pk)
    found: list[tuple[str, list[Step]]] = []
    try:
        if mailbox.imap_host:
            found.append((_("Receiving"), check_imap(_quick(imap_account(mailbox)))))
        if mailbox.smtp_host:
            found.append((_("Sending"), check_smtp(_quick(smtp_account(mailbox)))))
    except Unreadable:
        told = _("The password was kept under another secret key of the installation: type it once more.")
        found = [(_("Password"), [Step(False, told)])]
    context = {
        "form": MailboxForm(instance=mailbox),
        "mailbox": mailbox,
        "letter_form": TestLetterForm(initial={"recipient": me(request).email}, auto_id="letter_%s"),
        "checked": [(name, steps, all(step.ok for step in steps)) for name, steps in found],
        "nothing_to_check": not found,
    }
    return render(request, "desk/settings/mailbox.html", context)


@administrators_only
@require_POST
def test_letter(request: HttpRequest, pk: int) -> HttpResponse:
    mailbox = get_object_or_404(Mailbox, pk=pk)
    form = TestLetterForm(request.POST, auto_id="letter_%s")
    if form.is_valid():
        try:
            actions.send_test_letter(
                mailbox, recipient=form.cleaned_data["recipient"], by=me(request), at=timezone.now()
            )
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            told = _("The letter to %(address)s is in the queue; its fate is told here.")
            messages.success(request, told % {"address": form.cleaned_data["recipient"]})
            return redirect(f"{reverse('settings:outgoing')}?state=all")
        return redirect("settings:mailbox", pk=pk)
    context = {"form": MailboxForm(instance=mailbox), "mailbox": mailbox, "letter_form": form}
    return render(request, "desk/settings/mailbox.html", context, status=422)


@administrators_only
@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """Letters that did not become a request: kept whole, each with its reason (I10)."""
    state = request.GET.get("state", "")
    page = paged(request, queries.held_letters(words(request), state))
    return render(request, "desk/settings/letters.html", {"page": page, "q": words(request), "state": state})


def _letter(pk: int) -> Inbound:
    return get_object_or_404(Inbound.objects.select_related("mailbox", "raw"), pk=pk, state__in=queries.HELD)


@administrators_only
@require_safe
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    row = _letter(pk)
    try:
        raw = files.read(row.raw)
    except OSError as error:
        raise Http404 from error
    looks.at_inbound(request, pk, taken=False)
    text = _CONTROL.sub("\ufffd", raw[:SHOWN].decode("utf-8", "replace").replace("\r\n", "\n"))
    context = {"letter": row, "text": text, "is_cut": len(raw) > SHOWN, "size": len(raw)}
    return render(request, "desk/settings/letter.html", context)


@administrators_only
@require_safe
def raw_letter(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes as they came, for a mail program; nothing of them runs in a browser."""
    row = _letter(pk)
    scanning.require_given(row.raw)
    try:
        response = HttpResponse(files.read(row.raw), content_type="application/octet-stream")
    except OSError as error:
        raise Http404 from error
    looks.at_inbound(request, pk, taken=True)
    response["Content-Disposition"] = content_disposition_header(True, f"letter-{row.pk}.eml") or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@administrators_only
@require_POST
def retry_letter(request: HttpRequest, pk: int) -> HttpResponse:
    row = _letter(pk)
    if row.state != InboundState.QUARANTINED:
        raise Http404
    after = actions.retry_inbound(row, by=me(request), at=timezone.now())
    if after.state == InboundState.QUARANTINED:
        messages.error(request, _("It did not work again: %(reason)s") % {"reason": after.reason})
        return redirect("settings:letter", pk=pk)
    messages.success(
        request, _("The letter has been taken in: %(state)s.") % {"state": after.get_state_display().lower()}
    )
    return redirect("settings:letters")


@administrators_only
@require_safe
def outgoing(request: HttpRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    page = paged(request, queries.outgoing_letters(words(request), state))
    context = {"page": page, "q": words(request), "state": state, "now": timezone.now()}
    return render(request, "desk/settings/outgoing.html", context)


@administrators_only
@require_POST
def retry_outgoing(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Outgoing.objects.exclude(state=OutgoingState.SENT), pk=pk)
    return do(
        request,
        lambda: actions.retry_letter(row, by=me(request), at=timezone.now()),
        told=_("The letter is being tried again."),
        to=reverse("settings:outgoing"),
    )
