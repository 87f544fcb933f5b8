"""An act of erasure in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from provodnik.core.models import ErasureAct
from provodnik.ui.text import full_moment

WHAT: dict[str, Callable[[], str]] = {
    "texts": lambda: _("texts, files and names"),
    "names": lambda: _("names, addresses and letters"),
    "files": lambda: _("files"),
    "letters": lambda: _("letters as they came"),
    "strays": lambda: _("letters that became no request"),
    "journal": lambda: _("lines of the journal"),
    "person": lambda: _("the person's card and account"),
}
_COUNTED: dict[str, Callable[[], str]] = {
    "requests": lambda: _("requests"),
    "messages": lambda: _("messages"),
    "files": lambda: _("files"),
    "letters": lambda: _("letters in"),
    "sent": lambda: _("letters out"),
    "strays": lambda: _("letters that became no request"),
    "journal": lambda: _("lines of the journal"),
    "person": lambda: _("people"),
}


@dataclass(frozen=True, slots=True)
class Line:
    number: str
    what: str
    rule: str
    counts: str


@dataclass(frozen=True, slots=True)
class Told:
    """`facts`: (name, value) of the whole act; `short`: what was erased in one line."""

    act: ErasureAct
    heading: str
    short: str
    facts: list[tuple[str, str]]
    is_running: bool


def counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{_COUNTED[kind]()}: {count}" for kind, count in counts.items() if kind in _COUNTED and count)


def rule_told(rule: Mapping[str, Any]) -> str:
    what = WHAT.get(str(rule.get("what", "")), WHAT["texts"])()
    words = {"rule": rule.get("rule", ""), "what": what, "months": rule.get("months", "")}
    return _("%(rule)s: %(what)s after %(months)s months") % words


def heading(act: ErasureAct) -> str:
    if act.kind == ErasureAct.Kind.PERSON:
        return _("A person's demand")
    if act.kind == ErasureAct.Kind.JOURNAL:
        return _("Retention of the journal")
    return _("Retention by contract")


def told(act: ErasureAct) -> Told:
    facts = [
        (_("Act"), f"№ {act.pk}"),
        (_("Reason"), heading(act)),
        (_("Begun"), full_moment(act.begun_at)),
        (_("Ended"), full_moment(act.ended_at) if act.ended_at else _("not yet")),
    ]
    if act.state == ErasureAct.State.FAILED:
        facts.append((_("Not finished"), _("the program was stopped; the next night went on")))
    if act.reason:
        facts.append((_("The demand"), act.reason))
    if act.kind == ErasureAct.Kind.PERSON:
        facts.append((_("Person"), _("contact № %(number)s") % {"number": act.asked.get("contact", "")}))
        facts.append((_("Texts"), _("erased") if act.asked.get("texts") else _("kept, without names")))
    facts += [(_("Rule"), rule_told(rule)) for rule in act.asked.get("rules", [])]
    before = parse_datetime(str(act.asked.get("before", ""))) if act.asked.get("before") else None
    if before is not None:
        facts.append((_("Older than"), full_moment(before)))
    facts.append((_("Way"), _("overwritten in the database; files removed from the disk")))
    facts.append((_("Erased"), counted(act.counts) or _("nothing")))
    return Told(act, heading(act), counted(act.counts), facts, act.state == ErasureAct.State.RUNNING)


def lines(act: ErasureAct, found: Iterable[Mapping[str, Any]]) -> list[Line]:
    rules = act.asked.get("rules", [])
    told = []
    for line in found:
        place = line.get("rule")
        rule = rule_told(rules[place]) if isinstance(place, int) and place < len(rules) else ""
        number = f"№ {line['number']}" if "number" in line else ""
        what = WHAT.get(str(line.get("what", "")), WHAT["texts"])()
        told.append(Line(number, what, rule, counted(line.get("counts", {}))))
    return told
