"""A person's erasure on demand (152-FZ, art. 14 and 21): his card, his account, his names in requests, his letters; the
texts of his requests stay or go, as was chosen. The act of it stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from provodnik.accounts import journal
from provodnik.accounts.models import (
    ApiToken,
    JournalEntry,
    Passkey,
    PrintedCode,
    Session,
    Totp,
    TrustedDevice,
    User,
)
from provodnik.core import erasure, files
from provodnik.core.decisions import YES, Decision, Refused, no, require
from provodnik.core.models import ErasureAct
from provodnik.core.parts import Whom
from provodnik.core.text import one_line
from provodnik.desk.actions import elsewhere
from provodnik.desk.actions.erasure import erase_requests, in_steps
from provodnik.desk.models import Contact, LegalHold, Ticket, Watcher
from provodnik.desk.models.retention import What
from provodnik.desk.policies import may_administer
from provodnik.desk.states import OPEN_STATUSES
from provodnik.notify.models import Notice

MOST_NAMED = 5


def _named(numbers: list[int]) -> str:
    return ", ".join(f"№ {number}" for number in numbers[:MOST_NAMED]) + ("…" if len(numbers) > MOST_NAMED else "")


def may_forget(contact: Contact) -> Decision:
    """Open requests still need his address (R14), held ones their texts; who works here is no matter of a customer,
    and an employee's account goes when he has left, by the organisation's own term."""
    if contact.user is not None and contact.user.is_employee:  # his account opens his payslips and papers too
        return no(_("This person works here: 1C keeps the data by labour law, and the account opens his own to him."))
    own = Ticket.objects.filter(contact_id=contact.pk)
    open_ones = list(own.filter(status__in=[one.value for one in OPEN_STATUSES]).values_list("pk", flat=True)[:6])
    if open_ones:
        return no(_("Close the person's open requests first: %(numbers)s.") % {"numbers": _named(open_ones)})
    held = list(LegalHold.objects.filter(ticket__in=own, until__isnull=True).values_list("ticket_id", flat=True)[:6])
    if held:
        return no(_("Requests of the person are kept whole by a hold: %(numbers)s.") % {"numbers": _named(held)})
    if contact.user is not None and contact.user.roles:
        return no(_("The account of this person works here: take the roles away first."))
    return YES


def ask(contact: Contact, *, texts: bool, reason: str, by: User, at: datetime) -> ErasureAct:
    """Begin: at once nobody can sign in as him, the rest follows in steps. Raises Refused."""
    require(may_administer(by))
    reason = one_line(reason, 500)
    if not reason:
        raise Refused(_("Name the demand: its date or number."), field="reason")
    with transaction.atomic():
        contact = Contact.objects.select_for_update(of=("self",)).select_related("user").get(pk=contact.pk)
        require(may_forget(contact))
        contact.is_active = False
        contact.save(update_fields=["is_active"])
        if contact.user is not None:
            User.objects.filter(pk=contact.user.pk).update(is_active=False)
            Session.objects.filter(user_id=contact.user.pk).delete()
        total = Ticket.objects.filter(contact_id=contact.pk).count() + 1
        act = erasure.begin(
            ErasureAct.Kind.PERSON, at=at, by=by.pk, reason=reason, total=total, contact=contact.pk, texts=texts
        )
        journal.note(act, "forgotten", by=by, at=at, of_customer=contact.customer_id, texts=texts)
    return act


def carry_out(act: ErasureAct, *, at: datetime, go_on: Callable[[], bool]) -> bool:
    """Do what is left of a begun erasure. False when it is not through yet. Safe to repeat."""
    contact = Contact.objects.select_related("user").get(pk=act.asked["contact"])
    what = What.TEXTS if act.asked["texts"] else What.NAMES
    own = Ticket.objects.filter(contact_id=contact.pk, erased_at__isnull=True).order_by("pk")
    begun_with = own.filter(pk__gt=int(act.asked.get("through", 0)))
    numbers = list(begun_with.values_list("pk", flat=True))
    in_steps(numbers, lambda some: _some(act, some, what, at), go_on=go_on)
    if not go_on() and own.filter(pk__gt=int(act.asked.get("through", 0))).exists():
        return False
    _person(act, contact)
    erasure.end(act, at=at)
    return True


def _some(act: ErasureAct, numbers: object, what: What, at: datetime) -> int:
    assert isinstance(numbers, list)
    done = erase_requests(act, numbers, what, at=at)
    act.asked["through"] = numbers[-1]
    act.save(update_fields=["asked"])
    return done


def _person(act: ErasureAct, contact: Contact) -> None:
    """His card and account, what he wrote anywhere else, his name in the journal, what other parts keep of him."""
    with erasure.step(act) as lines:
        name = str(_("Erased person %(number)d") % {"number": contact.pk})
        whom = Whom(contact.pk, contact.user_id, elsewhere.words_of(contact))
        blobs = elsewhere.said_in_others(contact, texts=bool(act.asked["texts"]))
        letters = elsewhere.loose_letters(contact)
        blobs |= letters.blobs | elsewhere.letters_to(contact) | elsewhere.kept_by_parts(whom)
        elsewhere.named_by_the_desk(whom)
        Watcher.objects.filter(contact_id=contact.pk).delete()
        Contact.objects.filter(pk=contact.pk).update(
            name=name, email="", phone="", position="", organisation="", is_coordinator=False, is_active=False
        )
        things = [("desk.contact", str(contact.pk))]
        if contact.user is not None:
            tokens = ApiToken.objects.filter(owner=contact.user)
            things += [("accounts.apitoken", str(pk)) for pk in tokens.values_list("pk", flat=True)]
            things.append(("accounts.user", str(contact.user.pk)))
            _account(contact.user, name)
        for kind, thing in things:
            JournalEntry.objects.filter(kind=kind, thing=thing).update(title="", data={})
        files.release(blobs)
        lines.append({"n": 1, "what": "person", "counts": {"person": 1, "letters": letters.count}})


def _account(user: User, name: str) -> None:
    for table in (Session, Totp, Passkey, PrintedCode, TrustedDevice, Notice):
        table._default_manager.filter(user_id=user.pk).delete()
    ApiToken.objects.filter(owner=user).delete()
    user.login, user.email, user.full_name, user.is_active = f"erased-{user.pk}", "", name, False
    user.roles, user.last_login = [], None
    user.set_unusable_password()
    user.save()
