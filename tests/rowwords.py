"""The words of the authorization matrix: kinds of people, of objects, of rows (tests/matrix.py, tests/rows/).

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
# Who works in A besides requester and colleague: the head of their unit, who stands in for him today, the payroll
# accountant of A. They are asked in the spaces of employees alone: elsewhere they are what a colleague is.
STAFF = ("manager", "deputy", "accountant")
SPACES_OF_STAFF = ("people", "entry", "exchange", "payslips", "consents")
EVERYBODY = (*PEOPLE, *STAFF)


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
# and a complaint of customer A about the specialist's work: not for him (docs/adr/0021)
THE_DESK_AND_A_COMPLAINT = {**THE_DESK, "blaming": ("lead",)}
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
