"""Published faults of Zammad and Znuny: what each teaches, asked of this desk."""

from __future__ import annotations

import uuid

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from provodnik.accounts import announce as account_letters
from provodnik.accounts.models import User
from provodnik.api.tests.speaking import Program
from provodnik.channels.email.sandbox import Understander
from provodnik.core.secrets import seal
from provodnik.desk.actions import tagging, work
from provodnik.desk.actions.base import NewFile
from provodnik.desk.models import Attachment, Message, Team, Ticket, TicketLink
from tests.lessons.around import feedback, person, take_in
from tests.lessons.conftest import As
from tests.mail import letter
from tests.test_matrix import to_sign_in
from tests.world import World

pytestmark = pytest.mark.django_db


def test_cve_2026_34722_a_new_request_is_tied_to_nothing_by_its_sender(world: World, as_: As) -> None:
    """`related` of the creating call made links to tickets that its sender may not see."""
    foreign, links = world.foreign.pk, TicketLink.objects.count()
    names = ("related", "links", "link", "other", "follows", "follows_id", "complains_of", "into", "target", "number")
    asked = dict.fromkeys(names, foreign)
    assert as_("requester").post(reverse("requests:new"), feedback(**asked)).status_code == 302
    made = Ticket.objects.latest("pk")
    assert (made.follows_id, made.complains_of_id, made.is_open) == (None, None, True)
    program = Program(person(world, "requester"))
    for name in names:
        assert program.post("/requests", {"text": "Да", "impact": "question", name: foreign}).status_code in (400, 422)
    take_in(letter(sender="stranger@nowhere.example", subject=f"[#{foreign}] Да"), "stranger@nowhere.example")
    by_letter = Ticket.objects.latest("pk")
    assert by_letter.follows_id is None and by_letter.pk != foreign
    assert not Message.objects.filter(ticket=foreign, inbound__sender="stranger@nowhere.example").exists()
    for what in ("link", "merge"):
        address = reverse("desk:tie", args=[world.own.pk, what])
        assert as_("requester").post(address, {"other": foreign, "into": foreign, "kind": "related"}).status_code == 404
    assert TicketLink.objects.count() == links


@pytest.mark.parametrize("trusted", [[], ["127.0.0.1"]])
def test_cve_2026_34720_nobody_signs_in_by_a_header(world: World, settings: object, trusted: list[str]) -> None:
    """A single sign-on header was believed whoever had sent it: none signs in here, not even from our own proxy."""
    settings.TRUSTED_PROXIES = trusted  # type: ignore[attr-defined]
    login = person(world, "administrator").login
    for name in (
        "X-Remote-User",
        "Remote-User",
        "X-Forwarded-User",
        "X-Auth-User",
        "X-Authenticated-User",
        "X_Remote_User",
    ):
        assert to_sign_in(Client().get(reverse("settings:overview"), headers={name: login})), name
    assert to_sign_in(Client().get(reverse("settings:overview"), REMOTE_USER=login))


def test_cve_2026_13229_no_file_is_copied_from_what_one_may_not_see(world: World, as_: As) -> None:
    """The endpoint that clones attachments into an article never asked whose they were."""
    foreign, note = (world.things["files:download"][thing]["key"] for thing in ("foreign", "note"))
    before = Attachment.objects.count()
    program = Program(person(world, "requester"))
    for key in (foreign, note, world.things["files:download"]["own"]["key"]):
        sent = program.post(f"/requests/{world.own.pk}/messages", {"text": "Вот", "files": [str(key)]})
        assert sent.status_code in (400, 422)
        typed = {"text": "Вот", "key": uuid.uuid4(), "files": str(key), "kept": str(key), "attachments": str(key)}
        assert as_("requester").post(reverse("requests:answer", args=[world.own.pk]), typed).status_code in (302, 303)
    elsewhere = world.things["desk:split"]["elsewhere"]  # a message of another request, under this one's number
    assert as_("specialist").post(reverse("desk:split", kwargs=elsewhere), {"key": uuid.uuid4()}).status_code == 404
    assert Attachment.objects.count() == before


def test_cve_2024_33666_what_the_desk_keeps_for_itself_is_in_no_answer_to_a_requester(world: World, as_: As) -> None:
    """The working time of a ticket, meant for agents, came with the API's answer to its customer."""
    word, lead, specialist = "канарейкаслужбы", person(world, "lead"), person(world, "specialist")
    now, number = timezone.now(), world.own.pk
    team = Team.objects.create(name=word)
    Ticket.objects.filter(pk=number).update(team=team, context={"browser": word, "suggested": 1})
    tagging.set_tags(number, names=[word], by=specialist, at=now)
    work.note(number, text=word, by=lead, at=now, files=[NewFile(f"{word}.png", "image/png", b"x")])
    work.assign(number, to=lead, by=specialist, at=now)
    program, desk = Program(person(world, "requester")), Program(specialist)
    for address in ("", "/messages", "/history", "/clock"):
        answer = program.get(f"/requests/{number}{address}")
        assert answer.status_code == 200 and word not in answer.content.decode(), address
    told, known = program.get(f"/requests/{number}").json(), desk.get(f"/desk/requests/{number}").json()
    inner = {"contact_email", "channel", "triaged_at", "touched_at", "asked_at", "undelivered", "follows", "contract"}
    assert inner <= set(known) and not inner & set(told)
    for address in (
        reverse("requests:show", args=[number]),
        reverse("requests:index"),
        reverse("requests:receipt", args=[number]),
    ):
        assert word not in as_("requester").get(address).text


def test_cve_2022_35488_a_mailbox_is_not_flooded_by_forgot(world: World) -> None:
    """The limit of «forgot password» could be talked round: other case, other address, other header."""
    user = person(world, "requester")
    asked = [user.login, user.login.upper(), f" {user.login} ", user.email, user.email.upper()]
    answers = []
    for number, typed in enumerate(asked * 3):
        headers = {"x-forwarded-for": f"203.0.113.{number}", "x-real-ip": f"203.0.113.{number}"}
        answers.append(Client().post(reverse("accounts:forgot"), {"login": typed}, headers=headers).status_code)
        account_letters.send_reset(sealed=seal(typed))
    assert len(mail.outbox) == 1
    assert 429 in answers and answers.index(429) <= 3
    assert User.objects.get(pk=user.pk).reset_sent_at is not None


def test_cve_2024_48938_a_letter_of_words_markup_is_read_within_the_limits() -> None:
    """A megabyte of what Word pastes kept the parser busy: the reading process has limits, and this is within them."""
    baits = ("<o:p>&nbsp;</o:p>", "<p class=MsoNormal><span style='mso-x:", "&nbsp; ", "<!--[if ", "-- \n> ")
    head = letter("x").replace(b"text/plain", b"text/html").replace(b"base64", b"8bit").partition(b"\r\n\r\n")[0]
    with Understander() as reader:
        for bait in baits:
            markup = bait.encode() * (1_000_000 // len(bait))
            read = reader.understand(
                head + b"\r\n\r\nBegin " + markup + b" End"
            )  # raises NotUnderstood when it is late
            assert "Begin" in read.text, bait
