"""Letters about accounts. Composed in a job: whoever asks learns nothing from how long it took (safety A51)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.accounts import texting, throttle, tokens
from provodnik.accounts.models import ContactCode, Session, TrustedDevice, User, Way
from provodnik.accounts.queries import signs_in_as
from provodnik.accounts.tokens import Purpose
from provodnik.core import jobs
from provodnik.core.decisions import Refused
from provodnik.core.secrets import seal, unseal
from provodnik.core.text import one_line

RESET_PAUSE = timedelta(minutes=5)  # between two letters to one person: nobody's mailbox is to be flooded


def link(user: User, purpose: Purpose) -> str:
    """The whole address, by the settings: the Host header of a request is a stranger's word (safety A36)."""
    name = "accounts:welcome" if purpose is Purpose.INVITATION else "accounts:reset"
    return settings.BASE_URL + reverse(name, args=[tokens.make(user, purpose)])


def _write(user: User, purpose: Purpose, subject: str) -> None:
    address = link(user, purpose)
    text = render_to_string(
        f"accounts/letters/{purpose.value}.txt", {"person": user, "link": address, "site": settings.BASE_URL}
    )
    send_mail(subject, text, None, [user.email])


def invite(user: User) -> None:
    """Ask for the letter within the transaction that made or re-invited the account."""
    jobs.defer(send_invitation, user_id=user.pk)


def ask_reset(typed: str) -> None:
    jobs.defer(send_reset, sealed=seal(typed[:254]))  # sealed: a job's arguments reach the logs when it fails


@jobs.job(name="accounts.invite")
def send_invitation(user_id: int) -> None:
    user = User.objects.filter(pk=user_id, is_active=True, is_external=False).exclude(email="").first()
    if user is not None:
        _write(user, Purpose.INVITATION, _("Your account in PROvodnik"))


@jobs.job(name="accounts.reset", attempts=3)
def send_reset(sealed: str) -> None:
    """Write to whom the name belongs, if it belongs to anybody who may sign in."""
    now = timezone.now()
    found = signs_in_as(unseal(sealed))
    if found is None:
        return
    with transaction.atomic():
        living = User.objects.select_for_update().filter(pk=found.pk, is_active=True, is_external=False)
        user = living.first()
        if user is None or (user.reset_sent_at is not None and now - user.reset_sent_at < RESET_PAUSE):
            return
        phone = "" if user.email or not texting.may_reset() else texting.phone_of(user.pk)
        if not user.email and not phone:
            return
        user.reset_sent_at = now
        user.save(update_fields=["reset_sent_at"])
        if user.email:
            _write(user, Purpose.RESET, _("A new password for PROvodnik"))
            return
        text = _("A new password for PROvodnik: %(link)s") % {"link": link(user, Purpose.RESET)}
        with suppress(Refused), transaction.atomic():  # the day is full: he asks again, or takes a slip
            texting.send(phone, text, key=f"reset:{user.pk}:{now.isoformat()}", kind="reset", at=now)


# What the letter about a changed second factor says, and its subject's beginning.
def _factor_words(verb: str, name: str, left: int) -> str:
    known = {
        "totp_added": _("An app with codes now confirms your sign-in."),
        "totp_removed": _("The app with codes no longer confirms your sign-in."),
        "passkey_added": _("The passkey «%(name)s» was added: it signs in to your account."),
        "passkey_removed": _("The passkey «%(name)s» was removed."),
        "passkey_doubted": _(
            "The passkey «%(name)s» answered with an old counter: there may be a copy of it. It is no longer accepted."
        ),
        "printed_made": _("New printed codes were made; the former ones are worthless."),
        "printed_used": _("A printed code was used to sign in. Codes left: %(left)d."),
        "factors_reset": _("An administrator removed the second factor of your account."),
        "wrong_codes": _(
            "Somebody knows your password and typed wrong codes several times. If it was not you, change the password."
        ),
    }
    return known[verb] % {"name": name, "left": left}


def factor_changed(user: User, verb: str, *, at: datetime, name: str = "", left: int = 0, **data: object) -> None:
    """Ask for the letter to the owner, within the transaction of the change."""
    jobs.defer(send_factor_changed, user_id=user.pk, verb=verb, when=at.isoformat(), name=name, left=left)


@jobs.job(name="accounts.factor_changed")
def send_factor_changed(user_id: int, verb: str, when: str, name: str, left: int) -> None:
    user = User.objects.filter(pk=user_id, is_active=True).exclude(email="").first()
    if user is None:
        return
    words = _factor_words(verb, one_line(name, 60), left)
    context = {"person": user, "words": words, "at": datetime.fromisoformat(when), "link": _profile()}
    send_mail(
        _("The second factor of your account in PROvodnik"),
        render_to_string("accounts/letters/factor.txt", context),
        None,
        [user.email],
    )


def _profile() -> str:
    return settings.BASE_URL + reverse("accounts:factors")


def send_contact_code(row: ContactCode, code: str, *, at: datetime) -> None:
    """Ask for the message with a code, within the transaction that made it. By phone: raises Refused."""
    if row.way == Way.PHONE:
        text = _("%(code)s is your code for PROvodnik. Tell it nobody.") % {"code": code}
        texting.send(row.value, text, key=f"code:{row.pk}", kind="code", at=at)
        ContactCode.objects.filter(pk=row.pk).update(sealed="")
    else:
        jobs.defer(send_code_letter, code_id=row.pk)


@jobs.job(name="accounts.contact_code", attempts=4)
def send_code_letter(code_id: int) -> None:
    with transaction.atomic():
        row = ContactCode.objects.select_for_update().filter(pk=code_id).exclude(sealed="").first()
        if row is None or row.used_at or row.voided_at or row.expires_at <= timezone.now():
            return
        text = render_to_string("accounts/letters/code.txt", {"code": unseal(row.sealed), "site": settings.BASE_URL})
        send_mail(_("Your code for PROvodnik"), text, None, [row.value])
        row.sealed = ""
        row.save(update_fields=["sealed"])


def contact_changed(what: str, *, to: Sequence[tuple[Way, str]], at: datetime) -> None:
    """Tell the other contacts, and the one of before, that a phone or an address was changed: whoever took an account
    over cannot do it in silence (cabinet B1.7, B9). Within the transaction of the change. `what`: a Way, or "password"
    where somebody has come in anew by a slip; `to`: (way, value)."""
    for way, value in dict.fromkeys(to):
        if value:
            jobs.defer(send_contact_changed, what=str(what), way=str(way), sealed=seal(value), when=at.isoformat())


@jobs.job(name="accounts.contact_changed", attempts=4)
def send_contact_changed(what: str, way: str, sealed: str, when: str) -> None:
    at, value = datetime.fromisoformat(when), unseal(sealed)
    words = (
        _("The phone in your cabinet has been changed. If it was not you, tell your personnel department at once.")
        if what == Way.PHONE
        else _(
            "The e-mail in your cabinet has been changed. If it was not you, tell your personnel department at once."
        )
    )
    if what == "password":
        words = _("A new password was set for your cabinet by a slip. If it was not you, tell personnel at once.")
    if way == Way.EMAIL:
        text = render_to_string("accounts/letters/contact.txt", {"words": words, "at": at, "site": settings.BASE_URL})
        send_mail(_("Your contact in PROvodnik has been changed"), text, None, [value])
        return
    with suppress(Refused), transaction.atomic():  # no gateway, or its day is full: the letter says it too
        mark = hashlib.sha256(f"{what}:{when}:{value}".encode()).hexdigest()[:32]
        texting.send(value, words, key=f"changed:{mark}", kind="notice", at=at)


@jobs.periodic("0 41 * * * *")
@jobs.job(name="accounts.forget", queue="upkeep", alone=True, attempts=1)
def forget(timestamp: int) -> None:
    """Remove wrong passwords and codes for contacts older than a day, sessions and remembered devices that have run
    out."""
    throttle.forget(now=timezone.now())
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    TrustedDevice.objects.filter(until__lte=timezone.now()).delete()
    ContactCode.objects.filter(made_at__lt=timezone.now() - throttle.WINDOW).delete()
