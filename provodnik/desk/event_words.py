"""What happened, as a sentence for the desk: one table from the kind of a fact to its icon and its words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from provodnik.accounts.models import User
from provodnik.desk.labels import PRIORITIES, RESOLUTIONS, TYPES
from provodnik.desk.models import EventKind, TicketEvent
from provodnik.ui.text import moment, short_name

_PRIORITIES, _TYPES, _RESOLUTIONS = dict(PRIORITIES), dict(TYPES), dict(RESOLUTIONS)


@dataclass(frozen=True, slots=True)
class Words:
    icon: str
    text: str


def words(event: TicketEvent, reader: User, now: datetime) -> Words:
    """The sentence for this reader: his own deeds are told as «вы»."""
    kind = EventKind(event.kind)
    icon, tell = _TABLE.get(kind, ("circle-dot", _plain))
    text = tell(event, _who(event, reader), now)
    reason = str(event.data.get("reason", ""))
    if reason:
        text = _("%(what)s. Reason: %(reason)s") % {"what": text.rstrip("."), "reason": reason}
    return Words(icon, text)


def _who(event: TicketEvent, reader: User) -> str:
    if event.by_id is None:
        return short_name(event.by_name) if event.by_name else ""
    if event.by_id == reader.pk:
        return _("You")
    return short_name(str(event.by))


def _moment(value: object, now: datetime) -> str:
    at = parse_datetime(str(value)) if value else None
    return moment(at, now) if at else ""


def _plain(event: TicketEvent, who: str, now: datetime) -> str:
    what = event.get_kind_display()
    return f"{who}: {what}" if who else what


def _registered(event: TicketEvent, who: str, now: datetime) -> str:
    due = _moment(event.data.get("due"), now)
    return _("Registered, due %(due)s") % {"due": due} if due else _("Registered")


def _taken(event: TicketEvent, who: str, now: datetime) -> str:
    priority = _PRIORITIES.get(str(event.data.get("priority", "")), "")
    return _("%(who)s: taken into work, priority “%(priority)s”") % {"who": who, "priority": priority}


def _assigned(event: TicketEvent, who: str, now: datetime) -> str:
    if not event.data.get("new"):
        return _("%(who)s: returned to the shared queue") % {"who": who}
    name = short_name(str(event.data.get("name", "")))
    return _("%(who)s: assigned to %(name)s") % {"who": who, "name": name}


def _priority(event: TicketEvent, who: str, now: datetime) -> str:
    old, new = str(event.data.get("old", "")), str(event.data.get("new", ""))
    return _("%(who)s: priority “%(old)s” → “%(new)s”, due %(due)s") % {
        "who": who,
        "old": _PRIORITIES.get(old, old),
        "new": _PRIORITIES.get(new, new),
        "due": _moment(event.data.get("new_due"), now),
    }


def _type(event: TicketEvent, who: str, now: datetime) -> str:
    old, new = str(event.data.get("old", "")), str(event.data.get("new", ""))
    return _("%(who)s: type “%(old)s” → “%(new)s”") % {
        "who": who,
        "old": _TYPES.get(old, old),
        "new": _TYPES.get(new, new),
    }


def _subsystem(event: TicketEvent, who: str, now: datetime) -> str:
    new = str(event.data.get("new", ""))
    if not new:
        return _("%(who)s: section not stated any more") % {"who": who}
    return _("%(who)s: section “%(new)s”") % {"who": who, "new": new}


def _customer(event: TicketEvent, who: str, now: datetime) -> str:
    return _("%(who)s: the request is of %(name)s, %(customer)s") % {
        "who": who,
        "name": short_name(str(event.data.get("new", ""))),
        "customer": event.data.get("customer", ""),
    }


def _closed(event: TicketEvent, who: str, now: datetime) -> str:
    if "into" in event.data:
        return _("%(who)s: goes on in № %(target)s") % {"who": who, "target": event.data["into"]}
    resolution = str(event.data.get("resolution", ""))
    return _("%(who)s: closed, “%(resolution)s”") % {
        "who": who,
        "resolution": _RESOLUTIONS.get(resolution, resolution),
    }


def _rated(event: TicketEvent, who: str, now: datetime) -> str:
    return _("%(who)s: mark %(rating)s of 5") % {"who": who, "rating": event.data.get("rating", "")}


def _continued(event: TicketEvent, who: str, now: datetime) -> str:
    return _("Continued in № %(number)s") % {"number": event.data.get("number", "")}


def _routed(event: TicketEvent, who: str, now: datetime) -> str:
    team, name = str(event.data.get("team_name", "")), short_name(str(event.data.get("name", "")))
    if event.by_id is not None:
        if not team:
            return _("%(who)s: of no team any more") % {"who": who}
        return _("%(who)s: given to the team “%(team)s”") % {"who": who, "team": team}
    if team and name:
        return _("Given to the team “%(team)s”, to %(name)s") % {"team": team, "name": name}
    if team:
        return _("Given to the team “%(team)s”") % {"team": team}
    return _("Given to %(name)s") % {"name": name} if name else _("Given to nobody")


def _escalated(event: TicketEvent, who: str, now: datetime) -> str:
    names = event.data.get("names") or []
    return _("Carried to the lead: %(names)s") % {"names": ", ".join(short_name(str(name)) for name in names)}


def _complained(event: TicketEvent, who: str, now: datetime) -> str:
    return _("A complaint is registered: № %(number)s") % {"number": event.data.get("number", "")}


# (from this request, to this request): what the other one is to this one
_TIES: dict[str, tuple[Callable[[], str], Callable[[], str]]] = {
    "duplicate": (lambda: _("a duplicate of № %(number)s"), lambda: _("№ %(number)s is its duplicate")),
    "related": (lambda: _("related to № %(number)s"), lambda: _("related to № %(number)s")),
    "cause": (lambda: _("the cause of № %(number)s"), lambda: _("№ %(number)s is its cause")),
    "split": (lambda: _("№ %(number)s was split off"), lambda: _("split off from № %(number)s")),
}


def _tie(event: TicketEvent) -> str:
    there, back = _TIES.get(str(event.data.get("link", "")), _TIES["related"])
    tell = there if event.data.get("way") == "from" else back
    return tell() % {"number": event.data.get("number", "")}


def _linked(event: TicketEvent, who: str, now: datetime) -> str:
    return _("%(who)s: linked, %(how)s") % {"who": who, "how": _tie(event)}


def _unlinked(event: TicketEvent, who: str, now: datetime) -> str:
    return _("%(who)s: the link is taken away, %(how)s") % {"who": who, "how": _tie(event)}


def _merged(event: TicketEvent, who: str, now: datetime) -> str:
    return _("%(who)s: № %(number)s goes on here") % {"who": who, "number": event.data.get("number", "")}


def _split(event: TicketEvent, who: str, now: datetime) -> str:
    return _("%(who)s: a message became request № %(number)s") % {"who": who, "number": event.data.get("number", "")}


def _tagged(event: TicketEvent, who: str, now: datetime) -> str:
    added, removed = event.data.get("added", []), event.data.get("removed", [])
    pieces = []
    if added:
        pieces.append(_("tags added: %(tags)s") % {"tags": ", ".join(map(str, added))})
    if removed:
        pieces.append(_("tags taken off: %(tags)s") % {"tags": ", ".join(map(str, removed))})
    return f"{who}: {'; '.join(pieces)}"


def _fields(event: TicketEvent, who: str, now: datetime) -> str:
    return f"{who}: {'; '.join(_field(one) for one in event.data.get('changed', []))}"


def _field(changed: dict[str, object]) -> str:
    words = {"label": changed.get("label", ""), "old": changed.get("old"), "new": changed.get("new")}
    if not words["old"]:
        return _("%(label)s: “%(new)s”") % words
    if not words["new"]:
        return _("%(label)s: emptied, was “%(old)s”") % words
    return _("%(label)s: “%(old)s” → “%(new)s”") % words


def _undelivered(event: TicketEvent, who: str, now: datetime) -> str:
    """Which letter did not arrive: only the closing notice is the duty of R14."""
    letter, why = str(event.data.get("letter", "")), str(event.data.get("error", ""))
    if event.data.get("permanent") is False:
        what = _("A letter to the user is held up on its way, the mail server goes on trying")
    else:
        what = _LETTERS[letter]() if letter in _LETTERS else _("A letter to the user was not delivered")
    return f"{what}: {why}" if why else what


_LETTERS: dict[str, Callable[[], str]] = {
    "closed": lambda: _("The closing notice was not delivered"),
    "registered": lambda: _("The confirmation of receipt was not delivered"),
    "question": lambda: _("The question to the user was not delivered"),
    "reply": lambda: _("The answer to the user was not delivered"),
}


def _erased(event: TicketEvent, who: str, now: datetime) -> str:
    tell = _ERASED.get(str(event.data.get("what", "")), _ERASED["texts"])
    return tell() % {"act": event.data.get("act", "")}


_ERASED: dict[str, Callable[[], str]] = {
    "files": lambda: _("Files were erased, act № %(act)s"),
    "letters": lambda: _("Letters as they came were erased, act № %(act)s"),
    "names": lambda: _("Names and addresses of the person were erased, act № %(act)s"),
    "texts": lambda: _("Texts, files and names were erased, act № %(act)s"),
}


def _said(sentence: Callable[[], str]) -> Callable[[TicketEvent, str, datetime], str]:
    return lambda event, who, now: sentence() % {"who": who}


Tell = Callable[[TicketEvent, str, datetime], str]
_TABLE: dict[EventKind, tuple[str, Tell]] = {
    EventKind.REGISTERED: ("inbox", _registered),
    EventKind.CONFIRMED: ("mail", _said(lambda: _("The confirmation has left"))),
    EventKind.TAKEN: ("play", _taken),
    EventKind.ASKED: ("message-circle-question", _said(lambda: _("%(who)s: clarification sought"))),
    EventKind.ANSWERED: ("corner-up-left", _said(lambda: _("%(who)s: the user's answer"))),
    EventKind.REPLIED: ("reply", _said(lambda: _("%(who)s: answered the user"))),
    EventKind.NOTED: ("sticky-note", _said(lambda: _("%(who)s: wrote a note"))),
    EventKind.CLOSED: ("circle-check", _closed),
    EventKind.WITHDRAWN: ("circle-check", _said(lambda: _("%(who)s: withdrew the request, an answer is not needed"))),
    EventKind.REOPENED: ("rotate-ccw", _said(lambda: _("%(who)s: reopened, the clock goes on"))),
    EventKind.PRIORITY: ("flag", _priority),
    EventKind.TYPE: ("tag", _type),
    EventKind.SUBSYSTEM: ("layout-list", _subsystem),
    EventKind.ASSIGNED: ("user-check", _assigned),
    EventKind.CUSTOMER: ("building-2", _customer),
    EventKind.EMAIL: ("at-sign", _said(lambda: _("%(who)s: changed the address for the closing notice"))),
    EventKind.DELIVERED: ("mail", _said(lambda: _("The closing notice has left"))),
    EventKind.UNDELIVERED: ("circle-x", _undelivered),
    EventKind.TOLD_OTHERWISE: ("phone", _said(lambda: _("%(who)s: the user was told in another way"))),
    EventKind.WARNED: ("timer", _said(lambda: _("The deadline is near: the specialist was warned"))),
    EventKind.OVERDUE: ("triangle-alert", _said(lambda: _("The deadline has passed"))),
    EventKind.RATED: ("star", _rated),
    EventKind.CONTINUED: ("link", _continued),
    EventKind.LINKED: ("link", _linked),
    EventKind.UNLINKED: ("unlink", _unlinked),
    EventKind.MERGED: ("merge", _merged),
    EventKind.SPLIT: ("split", _split),
    EventKind.TAGGED: ("tags", _tagged),
    EventKind.FIELDS: ("pencil", _fields),
    EventKind.ROUTED: ("users", _routed),
    EventKind.ESCALATED: ("siren", _escalated),
    EventKind.COMPLAINED: ("megaphone", _complained),
    EventKind.HELD: ("lock", _said(lambda: _("%(who)s: kept whole by a hold"))),
    EventKind.RELEASED: ("lock-open", _said(lambda: _("%(who)s: the hold is lifted"))),
    EventKind.ERASED: ("archive", _erased),
}
