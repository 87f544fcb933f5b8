"""Pages of the demo alone: sign in by one press, and the mail of everybody."""

from __future__ import annotations

from datetime import datetime
from email import message_from_bytes, policy
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.accounts.models import User
from provodnik.accounts.views.sign_in import proceed
from provodnik.channels.email import Understood, understand
from provodnik.core import files
from provodnik.core.text import storable
from provodnik.demo import queries
from provodnik.demo.accounts import roles
from provodnik.demo.forms import LetterForm, ReplyForm
from provodnik.demo.models import DemoLetter
from provodnik.demo.module import strangers_menu
from provodnik.demo.people import SUPPORT
from provodnik.demo.postbox import desk_mailboxes
from provodnik.demo.sending import NotSent, send, written
from provodnik.demo.words import quoted

# A letter shown as it looks: no script, no frame, nothing from outside (as desk.views.files does).
ALONE = (
    "default-src 'none'; img-src 'self' data:; style-src 'self'; font-src 'self'; form-action 'none'; "
    "frame-ancestors 'none'; base-uri 'none'; sandbox allow-same-origin allow-popups"
)

# The desk's own letter with its own styles, as a mail program shows it: an opaque origin where nothing else is allowed.
OWN = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; sandbox"
OWN_LARGEST = 256 * 1024  # bytes; what calls itself the desk's and is larger is cleaned like anybody's letter


def _page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """In the frame of the cabinet; a stranger has a menu of two lines."""
    if not request.user.is_authenticated:
        context |= {"nav": strangers_menu(request), "notices_url": ""}
    return render(request, template, context, status=status)


def _back() -> dict[str, str]:
    return {"back_url": reverse("demo:mail"), "back_label": _("Mail")}


@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """Sign in as one of the shown people, without a password: they are invented."""
    login = request.POST.get("login", "")
    if login not in roles():
        raise Http404
    return proceed(request, get_object_or_404(User, login=login, is_active=True))


@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    """All letters, or those of one mailbox."""
    box = storable(request.GET.get("box", ""))[:320].lower()
    before = request.GET.get("before", "")
    page = queries.letters(box, int(before) if before.isdecimal() and len(before) < 16 else None)
    found = queries.boxes()
    names = queries.names(
        {one.sender for one in page.letters} | {one for row in page.letters for one in row.recipients}
    )
    context = {
        "page": page,
        "boxes": found,
        "box": box,
        "lines": [_line(one, names) for one in page.letters],
        "support": SUPPORT,
    }
    return _page(request, "demo/mail.html", context)


def _line(letter: DemoLetter, names: dict[str, str]) -> dict[str, object]:
    """What the list shows of a letter."""
    to = letter.recipients[0] if letter.recipients else ""
    return {
        "letter": letter,
        "sender": names.get(letter.sender) or letter.sender or _("nobody"),
        "recipient": names.get(to) or to,
        "to_desk": to == SUPPORT,
    }


def _open(number: int) -> tuple[DemoLetter, Understood]:
    letter = get_object_or_404(DemoLetter.objects.select_related("raw"), pk=number)
    return letter, understand(files.read(letter.raw))


@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest, number: int) -> HttpResponse:
    """One letter, and an answer to it."""
    row, read = _open(number)
    form = ReplyForm(request.POST if request.method == "POST" else None, auto_id="id_reply_%s")
    if request.method == "POST" and form.is_valid():
        if not _may_reply(row):
            raise Http404
        try:
            _reply(row, read, form, timezone.now())
        except NotSent:
            form.add_error(None, _("The mail server of the demo does not answer. What you wrote is kept here."))
        else:
            messages.success(request, _("The answer is sent."))
            return redirect("demo:mail")
    context = {
        "letter": row,
        "read": read,
        "form": form,
        "may_reply": _may_reply(row),
        "ticket": queries.ticket_of(read.message_id) if desk_mailboxes(row.recipients) else None,
        "headers": files.read(row.raw).split(b"\r\n\r\n", 1)[0][:20_000].decode("utf-8", "replace"),
        **_back(),
    }
    return _page(request, "demo/letter.html", context, status=422 if form.errors else 200)


def _may_reply(row: DemoLetter) -> bool:
    """A person answers; the desk's own mailbox is answered from the queue, not from here."""
    return bool(row.sender) and bool(row.recipients) and not desk_mailboxes(row.recipients)


def _reply(row: DemoLetter, read: Understood, form: ReplyForm, now: datetime) -> None:
    person = row.recipients[0]
    to = read.reply_to[0].email if read.reply_to else read.sender.email
    quote = quoted(read.text.strip(), read.sender.name or to, to, read.date or row.at)
    subject = read.subject if read.subject.lower().startswith("re:") else f"Re: {read.subject}"
    raw = written(
        sender=(queries.people([person]).get(person, ""), person),
        to=to,
        subject=subject,
        text=f"{form.cleaned_data['text']}\n\n{quote}\n",
        at=now,
        key=form.cleaned_data["key"],
        in_reply_to=read.message_id if read.message_id_given else "",
        references=read.references,
    )
    send(raw, sender=person, to=to)


@require_safe
def look(request: HttpRequest, number: int) -> HttpResponse:
    """How the letter looks: its HTML alone, where no script runs and nothing is fetched from outside; a stranger's
    is cleaned besides."""
    row, read = _open(number)
    if not read.html:
        raise Http404
    own = _own_html(row) if row.sender == SUPPORT else ""
    if own:
        return HttpResponse(own, headers={"Content-Security-Policy": OWN})
    response = render(request, "demo/look.html", {"letter": row, "read": read})
    response["Content-Security-Policy"] = ALONE
    return response


def _own_html(row: DemoLetter) -> str:
    raw = files.read(row.raw)
    if len(raw) > OWN_LARGEST:
        return ""
    body = message_from_bytes(raw, policy=policy.default).get_body(("html",))
    return str(body.get_content()) if body is not None else ""


@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest) -> HttpResponse:
    """A letter to the desk, from whomever."""
    form = LetterForm(request.POST if request.method == "POST" else None, initial={"sender": _own_address(request)})
    if request.method == "POST" and form.is_valid():
        sender = form.cleaned_data["sender"].lower()
        try:
            raw = written(
                sender=(queries.people([sender]).get(sender, ""), sender),
                to=SUPPORT,
                subject=form.cleaned_data["subject"],
                text=form.cleaned_data["text"],
                at=timezone.now(),
                key=form.cleaned_data["key"],
            )
            send(raw, sender=sender, to=SUPPORT)
        except (NotSent, UnicodeError):
            form.add_error(None, _("The mail server of the demo does not answer. What you wrote is kept here."))
        else:
            messages.success(
                request, _("The letter is sent: support will answer to %(address)s.") % {"address": sender}
            )
            return redirect("demo:mail")
    context = {"form": form, "support": SUPPORT, **_back()}
    return _page(request, "demo/write.html", context, status=422 if form.errors else 200)


def _own_address(request: HttpRequest) -> str:
    """Of who is signed in, if he is one of the customers' people."""
    user = request.user
    return user.email if isinstance(user, User) and not user.is_desk and not user.is_administrator else ""
