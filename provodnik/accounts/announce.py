"""Letters about accounts. Composed in a job: whoever asks learns nothing from how long it took (safety A51)."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from provodnik.accounts import throttle, tokens
from provodnik.accounts.models import Session, User
from provodnik.accounts.queries import find_by_typed
from provodnik.accounts.tokens import Purpose
from provodnik.core import jobs
from provodnik.core.secrets import seal, unseal

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
    user = User.objects.filter(pk=user_id, is_active=True).exclude(email="").first()
    if user is not None:
        _write(user, Purpose.INVITATION, _("Your account in PROvodnik"))


@jobs.job(name="accounts.reset", attempts=3)
def send_reset(sealed: str) -> None:
    """Write to whom the name belongs, if it belongs to anybody who may sign in."""
    now = timezone.now()
    found = find_by_typed(unseal(sealed))
    if found is None:
        return
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=found.pk, is_active=True).exclude(email="").first()
        if user is None or (user.reset_sent_at is not None and now - user.reset_sent_at < RESET_PAUSE):
            return
        user.reset_sent_at = now
        user.save(update_fields=["reset_sent_at"])
        _write(user, Purpose.RESET, _("A new password for PROvodnik"))


@jobs.periodic("0 41 * * * *")
@jobs.job(name="accounts.forget", queue="upkeep", alone=True, attempts=1)
def forget(timestamp: int) -> None:
    """Remove wrong passwords older than a day and sessions that have run out."""
    throttle.forget(now=timezone.now())
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
