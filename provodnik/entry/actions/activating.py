"""A slip becomes a way in: code and second fact, then a password of one's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from provodnik.accounts import journal
from provodnik.accounts.announce import contact_changed
from provodnik.accounts.models import Session, TrustedDevice, User
from provodnik.accounts.models import Way as Contact
from provodnik.core.decisions import Refused
from provodnik.core.secrets import Unreadable
from provodnik.entry import codes
from provodnik.entry.actions import leaving
from provodnik.entry.models import Slip
from provodnik.entry.policies import staff_among, why_no_slip
from provodnik.entry.states import TRIES, Fact, Standing, Way, Why, is_fact, read_code, standing
from provodnik.people.actions import persons
from provodnik.people.models import Employment, Person

LONGEST_LINK = 60


def _locked(**which: object) -> Slip | None:
    return Slip.objects.select_for_update(of=("self",)).select_related("person__user").filter(**which).first()


def _is_open(slip: Slip, *, at: datetime, on: date) -> bool:
    """Whether a slip may still be used: it lives, and who has meanwhile left, or got rights over others, has none."""
    told = standing(used_at=slip.used_at, voided_at=slip.voided_at, expires_at=slip.expires_at, now=at)
    if told is not Standing.LIVING:
        return False
    user_id = slip.person.user_id
    if why_no_slip(slip.person, Fact(slip.fact), staff=staff_among({user_id} if user_id is not None else set())):
        return False
    return any(
        place.starts_on <= on and (place.ends_on is None or on <= leaving.last_day(place, on=on))
        for place in Employment.objects.filter(person_id=slip.person_id)
    )


def _snils(person: Person) -> str:
    try:
        return person.snils
    except Unreadable:
        return ""


def prove(typed_code: str, typed_fact: str, *, at: datetime, on: date) -> Slip | None:
    """The slip, when code and fact are right; else None, whatever was wrong, after the same work (safety A51): the
    hash at the end costs a hundred times what an absent slip would have saved. A wrong fact is counted in the slip, and
    the fifth makes it void."""
    code = read_code(typed_code)
    return _proved_by(_locked_paper(code), typed_fact, at=at, on=on, cost=typed_code)


def prove_link(token: str, typed_fact: str, *, at: datetime, on: date) -> Slip | None:
    """The same for the link of an invitation."""
    return _proved_by(_locked_link(token[:LONGEST_LINK]), typed_fact, at=at, on=on, cost=token)


def _locked_paper(code: str) -> Callable[[], Slip | None]:
    return lambda: _locked(digest=codes.digest(code), way=Way.PAPER.value) if code else None


def _locked_link(token: str) -> Callable[[], Slip | None]:
    return lambda: _locked(digest=codes.digest(token), way__in=[Way.EMAIL.value, Way.PHONE.value])


def _proved_by(find: Callable[[], Slip | None], typed_fact: str, *, at: datetime, on: date, cost: str) -> Slip | None:
    with transaction.atomic():
        slip = find()
        is_open = slip is not None and _is_open(slip, at=at, on=on)
        if slip is not None and is_open:
            person = slip.person
            if is_fact(typed_fact, slip.fact, birth_date=person.birth_date, snils=_snils(person)):
                return slip
            _wrong(slip, at=at)
        elif slip is not None and slip.used_at is not None:
            journal.note(slip, "slip_reused", by=None, at=at)
    make_password(cost[:100])
    return None


def _wrong(slip: Slip, *, at: datetime) -> None:
    slip.tries += 1
    if slip.tries >= TRIES:
        slip.voided_at, slip.void_why = at, Why.TRIES.value
        journal.note(slip, "slip_voided", by=None, at=at, why=slip.void_why)
    slip.save(update_fields=["tries", "voided_at", "void_why"])


def proved(slip_id: int, *, at: datetime, on: date) -> Slip | None:
    """The slip of who has told code and fact, if it is still good."""
    slip = Slip.objects.select_related("person__user", "employment__organisation").filter(pk=slip_id).first()
    return slip if slip is not None and _is_open(slip, at=at, on=on) else None


def activate(slip_id: int, *, new: str, at: datetime, on: date) -> User | None:
    """The first password, or one more after a re-issued slip: then every session and every remembered device of before
    ends. None when the slip is no longer good: of two at once one wins. Raises Refused (of the password)."""
    with transaction.atomic():
        slip = _locked(pk=slip_id)
        if slip is None or not _is_open(slip, at=at, on=on):
            return None
        person = Person.objects.select_for_update(of=("self",)).select_related("user").get(pk=slip.person_id)
        user, is_new = (person.user, False) if person.user is not None else (_fresh(person), True)
        try:
            validate_password(new, user)
        except ValidationError as error:
            raise Refused(" ".join(error.messages), field="new") from error
        user.set_password(new)
        user.save()
        if is_new:
            persons.link_user(person.pk, user, by=None, at=at, on=on)
            user.refresh_from_db()
        Session.objects.filter(user=user).delete()
        TrustedDevice.objects.filter(user_id=user.pk).delete()
        slip.used_at = at
        slip.save(update_fields=["used_at"])
        if not is_new:
            _tell_other_contacts(person, user, at=at)
        leaving.judge(person.pk, at=at, on=on)  # who has left already reads his own alone from the first page on
        journal.note(slip, "slip_used", by=user, at=at, account=user.login, again=not is_new)
    return user


def _tell_other_contacts(person: Person, user: User, *, at: datetime) -> None:
    """Somebody has come in anew and set another password: whoever owns the contacts learns it (cabinet B1.7)."""
    to = [(Contact.EMAIL, user.email), (Contact.EMAIL, person.email), (Contact.PHONE, person.phone)]
    contact_changed("password", to=to, at=at)


def _fresh(person: Person) -> User:
    """An account that is named after the person's row: by what else he signs in, his organisation chooses. His address
    becomes the account's only when it was proved and is nobody's yet: a forgotten password is mended through it."""
    email = person.email if person.email_confirmed_at is not None else ""
    if email and User.objects.filter(email=email).exists():
        email = ""
    login = f"employee-{person.pk}"
    if User.objects.filter(login=login).exists():
        raise Refused(_("Somebody else has the account that would be yours. Tell the personnel department."))
    return User(login=login, email=email, full_name=person.full_name)
