"""Who may reach what: a row for every route, by hand. tests/test_matrix.py walks the URL configuration and asks each.

A row says to whom the route exists; for everybody else who is signed in it is 404, for who is not the way to sign in.
`things` names the objects it is asked with (see tests/world.py) and who sees each; "missing" is there for nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ANONYMOUS = ("anonymous", "switched_off")  # an account that was switched off takes its sessions with it
OF_A = ("requester", "colleague", "coordinator")
OF_B = ("other_requester", "other_coordinator")
CONTACTS = (*OF_A, *OF_B)
DESK = ("specialist", "lead")
ADMINISTRATORS = ("administrator",)
SIGNED_IN = (*CONTACTS, "ex_contact", *DESK, *ADMINISTRATORS)
PEOPLE = (*ANONYMOUS, *SIGNED_IN)
EVERYBODY = PEOPLE


@dataclass(frozen=True, slots=True)
class Row:
    """`methods`: of GET (HEAD goes with it) and POST, those that exist. `gone`: what a public route says of a thing
    that is not there, where that is no 404."""

    methods: tuple[str, ...]
    things: dict[str, tuple[str, ...]] = field(default_factory=dict)
    to: tuple[str, ...] = ()
    gone: int = 404


GET, POST, BOTH = ("GET",), ("POST",), ("GET", "POST")


def to(people: tuple[str, ...], methods: tuple[str, ...] = GET) -> Row:
    """A route without an object."""
    return Row(methods, {"": people})


# Objects of requests: own is of customer A and its requester, foreign of customer B.
ITS_REQUESTER = {
    "own": ("requester", "coordinator"),
    "foreign": OF_B,
    "ex_contacts": ("coordinator",),
    "missing": (),
}
THE_DESK = {"own": DESK, "foreign": DESK, "missing": ()}
BOTH_SIDES = {
    "own": ("requester", "coordinator", *DESK),
    "foreign": (*OF_B, *DESK),
    "note": DESK,
    "missing": (),
}
ADMINISTERED = {"there": ADMINISTRATORS, "missing": ()}


def work(methods: tuple[str, ...] = GET) -> Row:
    return Row(methods, THE_DESK)


def kept(methods: tuple[str, ...] = GET) -> Row:
    return Row(methods, ADMINISTERED)


ROWS: dict[str, Row] = {
    "web:home": to(SIGNED_IN),
    "web:health": to(EVERYBODY),
    "accounts:sign_in": to(EVERYBODY, BOTH),
    "accounts:sign_out": to(EVERYBODY, POST),
    "accounts:forgot": to(EVERYBODY, BOTH),
    "accounts:forgot_sent": to(EVERYBODY),
    "accounts:reset": Row(BOTH, {"living": EVERYBODY, "missing": ()}, gone=410),
    "accounts:welcome": Row(BOTH, {"living": EVERYBODY, "missing": ()}, gone=410),
    "accounts:profile": to(SIGNED_IN, BOTH),
    "accounts:change_password": to(SIGNED_IN, POST),
    "accounts:end_other_sessions": to(SIGNED_IN, POST),
    "accounts:end_session": Row(POST, {"own": ("requester",), "foreign": ("other_requester",), "missing": ()}),
    "requests:index": to(CONTACTS),
    "requests:new": to(CONTACTS, BOTH),
    "requests:show": Row(GET, ITS_REQUESTER),
    "requests:receipt": Row(GET, ITS_REQUESTER),
    "requests:answer": Row(POST, ITS_REQUESTER),
    "requests:withdraw": Row(POST, ITS_REQUESTER),
    "requests:rate": Row(POST, ITS_REQUESTER),
    "desk:queue": to(DESK),
    "desk:search": to(DESK),
    "desk:new": to(DESK, BOTH),
    "desk:pulse": to(DESK),
    "desk:ticket": work(),
    "desk:say": work(POST),
    "desk:take": work(POST),
    "desk:confirm": work(POST),
    "desk:contact": work(BOTH),
    "desk:edit": work(BOTH),
    "files:download": Row(GET, BOTH_SIDES),
    "files:preview": Row(GET, BOTH_SIDES),
    "files:letter": work(),
    "files:letter_page": work(),
    "notify:index": to(SIGNED_IN),
    "notify:read": to(SIGNED_IN, POST),
    "notify:follow": Row(POST, {"own": ("requester",), "foreign": ("other_requester",), "missing": ()}),
    "settings:overview": to(ADMINISTRATORS),
    "settings:customers": to(ADMINISTRATORS),
    "settings:add_customer": to(ADMINISTRATORS, BOTH),
    "settings:customer": kept(),
    "settings:edit_customer": kept(BOTH),
    "settings:switch_customer": kept(POST),
    "settings:add_contact": kept(BOTH),
    "settings:add_contract": kept(BOTH),
    "settings:contact": kept(BOTH),
    "settings:invite_contact": kept(POST),
    "settings:link_contact": kept(POST),
    "settings:unlink_contact": kept(POST),
    "settings:contract": kept(BOTH),
    "settings:subsystems": to(ADMINISTRATORS),
    "settings:add_subsystem": to(ADMINISTRATORS, BOTH),
    "settings:subsystem": kept(BOTH),
    "settings:calendars": to(ADMINISTRATORS),
    "settings:add_calendar": to(ADMINISTRATORS, BOTH),
    "settings:calendar": kept(BOTH),
    "settings:remove_calendar": kept(POST),
    "settings:add_exception": kept(BOTH),
    "settings:exception": kept(BOTH),
    "settings:remove_exception": kept(POST),
    "settings:production": to(ADMINISTRATORS),
    "settings:load_production": to(ADMINISTRATORS, POST),
    "settings:add_production_day": to(ADMINISTRATORS, BOTH),
    "settings:production_day": kept(BOTH),
    "settings:remove_production_day": kept(POST),
    "settings:mailboxes": to(ADMINISTRATORS),
    "settings:add_mailbox": to(ADMINISTRATORS, BOTH),
    "settings:mailbox": kept(BOTH),
    "settings:check_mailbox": kept(POST),
    "settings:test_letter": kept(POST),
    "settings:letters": to(ADMINISTRATORS),
    "settings:letter": kept(),
    "settings:raw_letter": kept(),
    "settings:retry_letter": kept(POST),
    "settings:outgoing": to(ADMINISTRATORS),
    "settings:retry_outgoing": kept(POST),
    "settings:users": to(ADMINISTRATORS),
    "settings:add_user": to(ADMINISTRATORS, BOTH),
    "settings:user": kept(BOTH),
    "settings:invite_user": kept(POST),
    "settings:switch_user": kept(POST),
    "settings:sign_out_user": kept(POST),
    "settings:journal": to(ADMINISTRATORS),
}
