# ruff: noqa: E501 - long strings are among what is tested
"""What hostile or careless people send: headers, queries, forms, files, hosts, secrets (safety A03, A21–A25, A34, A36,
A37, A68, A71–A74, A78). Whatever it is: kept and shown, or refused in words; never an error page, never a leak."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import uuid
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

import provodnik
from provodnik import __version__
from provodnik.core.logs import OneLine
from provodnik.desk.models import Attachment, Message, Ticket
from provodnik.desk.tests.factories import PASSWORD, AdministratorFactory, SignedInContactFactory, UserFactory
from tests.mail import mailbox_on, run_jobs
from tests.matrix import ROWS
from tests.questions import looked_at
from tests.vectors import INJECTIONS, NAUGHTY
from tests.world import MISSING_KEY, World, build

ANSWERS = {200, 204, 302, 303, 400, 404, 405, 409, 413, 422, 429}


@pytest.fixture(autouse=True)
def _plain_statics(settings: Any) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


def feedback(**more: Any) -> dict[str, Any]:
    return {
        "key": str(uuid.uuid4()),
        "impact": "question",
        "text": "Не печатается ведомость.",
        "contact_email": "anna@chv.example",
        **more,
    }


@pytest.fixture
def requester(client: Client, db: None) -> Any:
    contact = SignedInContactFactory.create()
    client.force_login(contact.user)
    return contact


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_no_header_is_injected_into_what_we_send(client: Client, smtp_catcher: Any) -> None:
    """Line ends of every kind in the text, the name and the address of the form, watched at the mail server (A03)."""
    mailbox_on(smtp=smtp_catcher)
    for number, text in enumerate(INJECTIONS):
        contact = SignedInContactFactory.create(name=text.replace("\x00", ""), email=f"person{number}@chv.example")
        client.force_login(contact.user)
        sent = client.post(reverse("requests:new"), feedback(text=text, contact_email=contact.email))
        assert sent.status_code == (422 if "\x00" in text else 302)
        for bad in (f"{contact.email}{text[1:]}", f"{contact.email}, evil@evil.example", f"<{contact.email}>"):
            assert client.post(reverse("requests:new"), feedback(contact_email=bad)).status_code == 422
    run_jobs()
    assert len(smtp_catcher.messages) >= len(INJECTIONS) / 2  # the rest is held back by limits, not lost
    for caught in smtp_catcher.messages:
        assert len(caught.recipients) == 1 and caught.recipients[0].endswith("@chv.example")
        names = [name.lower() for name in caught.letter]
        assert not {"bcc", "cc"} & set(names)
        assert names.count("to") == names.count("subject") == names.count("message-id") == 1
        assert caught.letter["To"].count("@") == 1


class Fields(HTMLParser):
    """The fields of every form of a page: action → name → (kind, value)."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, tuple[str, str]]] = {}
        self.action = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = found.get("action", "") or found.get("hx-post", "")
            self.forms.setdefault(self.action, {})
        name = found.get("name")
        if name and tag in ("input", "textarea", "select") and name != "csrfmiddlewaretoken":
            kind = found.get("type", "text") if tag == "input" else tag
            if kind in ("radio", "checkbox") and "checked" not in found:
                return
            self.forms.setdefault(self.action, {})[name] = (kind, found.get("value", ""))


TYPED = {"text", "textarea", "email", "search", "tel", "url", "number", "date", "time", "hidden", "password"}


def pages_with_forms(world: World) -> list[tuple[str, str, str, dict[str, tuple[str, str]]]]:
    """(person, route, address to send to, fields) of every form of every page."""
    found: dict[str, tuple[str, str, str, dict[str, tuple[str, str]]]] = {}
    for name, row in ROWS.items():
        if "GET" not in row.methods or name.startswith("files:"):
            continue
        for thing, people in row.things.items():
            if not people:
                continue
            address = reverse(name, kwargs=world.things[name][thing] if thing else {})
            response = world.client(people[0]).get(address)
            if response.status_code != 200 or not response.headers["Content-Type"].startswith("text/html"):
                continue
            reader = Fields()
            reader.feed(response.content.decode())
            for action, fields in reader.forms.items():
                target = action.partition("#")[0] or address
                if fields and target.startswith("/") and "sign-out" not in target:
                    found.setdefault(re.sub(r"\d+", "N", target), (people[0], name, target, fields))
    return list(found.values())


@pytest.mark.django_db
def test_strange_strings_in_every_field_of_every_form(db: None) -> None:
    """Each text field of each form that any page shows, each with another string at once, in turn (A74)."""
    world = build()
    forms = pages_with_forms(world)
    assert len(forms) > 25, [form[2] for form in forms]
    wrong = []
    for index, (person, name, target, fields) in enumerate(forms):
        often = name.startswith(("requests:", "desk:"))
        for turn in range(len(NAUGHTY)):
            if (index + turn) % (12 if often else 48):
                continue  # forms share their kinds of fields: each string meets every kind many times
            data = {
                field: NAUGHTY[(turn + place) % len(NAUGHTY)] if kind in TYPED else value
                for place, (field, (kind, value)) in enumerate(fields.items())
            }
            with transaction.atomic():
                response = _send(world.client(person), target, data)
                transaction.set_rollback(True)
            if response is None or response.status_code not in ANSWERS:
                status = "an exception" if response is None else response.status_code
                wrong.append(f"{target} ({name}) with {str(data)[:300]}: {status}")
        user = world.people[person]
        if user is not None:
            world.client(person).force_login(user)  # a form may have ended the session
    assert not wrong, "\n".join(wrong)


def _send(client: Client, target: str, data: dict[str, str]) -> HttpResponse | None:
    client.raise_request_exception = False
    return client.post(target, data)


@pytest.mark.django_db
@pytest.mark.parametrize("text", NAUGHTY)
def test_what_was_written_is_shown_as_it_was(client: Client, requester: Any, text: str) -> None:
    response = client.post(reverse("requests:new"), feedback(text=f"а{text}я"))
    if "\x00" in text:  # PostgreSQL keeps no NUL: refused in words
        assert response.status_code == 422 and not Ticket.objects.exists()
        return
    assert response.status_code == 302
    message = Message.objects.get()
    assert message.text == f"а{text}я"
    page = client.get(reverse("requests:show", args=[message.ticket_id]))
    assert page.status_code == 200


GARBAGE = (
    "", "'", '"', "\x00", "%00", "-1", "0", "1e9", "9223372036854775808", "99999999999999999999999999", "NaN", "²", "٣",
    "password", "user__password", "id;--", "-id", "../..", "{{7*7}}", "\ud7ff\ue000", "99999-12-31", "2026-02-30",
    "0001-01-01", "None", "true", "x" * 3000, "%" * 300, "а:* & !", "( ( (", "1,2,3", "\r\nSet-Cookie: a=b",
)  # fmt: skip
PARAMETERS = (
    "q", "before", "after", "page", "per_page", "scope", "state", "status", "view", "filters", "who", "contact", "since",
    "n", "seen", "mode", "all", "kind", "sort", "order_by", "id", "priority", "customer", "subsystem", "assignee",
    "resolution", "full", "next", "year", "role", "verb", "mailbox", "type",
)  # fmt: skip


QUESTIONS = ("q=%FF%FE&view=%C3%28", "q=1&q=2&before=1&before=2", "q[]=1&before[]=", "&&==&q", "?" * 50)


@pytest.mark.long
@pytest.mark.django_db
def test_garbage_in_queries_of_every_page(db: None) -> None:
    """Each value in all parameters at once, alone, doubled, as a list (A34, A68). A page gets some of the values, the
    next one others: what reads a parameter is shared by many pages."""
    world = build()
    wrong = []
    for number, (name, row) in enumerate(ROWS.items()):
        if "GET" not in row.methods or not any(row.things.values()):
            continue
        thing, people = next((thing, people) for thing, people in row.things.items() if people)
        person = people[-1]
        address = reverse(name, kwargs=world.things[name][thing] if thing else {})
        client = world.client(person)
        client.raise_request_exception = False
        values = GARBAGE[number % 8 :: 8] if not thing else GARBAGE[number % 15 :: 15]
        listens: set[str] = set()
        for value in values:
            with looked_at() as names:
                response = client.get(address, dict.fromkeys(PARAMETERS, value))
            listens |= names
            if response.status_code not in ANSWERS:
                wrong.append(f"{name} with {value[:30]!r}: {response.status_code}")
            if not names:
                break  # whatever it is asked, it does not listen
        for query in QUESTIONS[number % 2 :: 2] if listens else QUESTIONS[:1]:
            if client.generic("GET", address, QUERY_STRING=query).status_code not in ANSWERS:
                wrong.append(f"{name}?{query}")
    assert not wrong, "\n".join(wrong)


def test_what_is_made_a_number_of_was_asked_whether_it_is_one() -> None:
    """«²».isdigit() is true, and int() refuses it: an answer 500 to whoever writes it into an address."""
    bytes_or_no_number = {"hooks/actions.py", "channels/email/imap.py", "exchange/odata/client.py", "desk/menus.py"}
    bytes_or_no_number.add("lifecycle/restore/database.py")
    root = Path(provodnik.__file__).parent
    wrong = [
        f"{path.relative_to(root)}: {line.strip()}"
        for path in root.rglob("*.py")
        if "tests" not in path.parts and str(path.relative_to(root)) not in bytes_or_no_number
        for line in path.read_text(encoding="utf-8").splitlines()
        if ".isdigit()" in line and ".isascii()" not in line
    ]
    assert not wrong, "isdecimal() asks it: " + "; ".join(wrong)


@pytest.mark.django_db
class TestHosts:
    @pytest.mark.parametrize(
        "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80", "", "a b", "[::", "x" * 300]
    )
    def test_a_foreign_host_is_refused(self, client: Client, host: str, settings: Any) -> None:
        settings.ALLOWED_HOSTS = ["portal.example"]
        response = client.get("/sign-in/", headers={"host": host})
        assert response.status_code == 400
        assert host == "" or host not in response.text

    def test_what_a_stranger_says_of_the_host_goes_nowhere(self, client: Client) -> None:
        claims = {"X-Forwarded-Host": "evil.example", "X-Host": "evil.example", "Forwarded": "host=evil.example"}
        for path in ("/sign-in/", "/", "/requests/", "/forgot/"):
            response = client.get(path, headers=claims)
            assert "evil.example" not in response.text + str(response.headers)

    @pytest.mark.parametrize("name", ["X-Remote-User", "X-Forwarded-User", "Remote-User", "Remote_User", "X-Auth-User"])
    def test_nobody_signs_in_by_a_header(self, client: Client, requester: Any, name: str) -> None:
        stranger = Client()
        assert stranger.get("/requests/", headers={name: requester.user.login}).status_code == 302

    def test_letters_lead_to_our_own_address(self, client: Client, smtp_catcher: Any, settings: Any) -> None:
        settings.ALLOWED_HOSTS = ["*"]
        mailbox_on(smtp=smtp_catcher)
        user = UserFactory.create(login="anna")
        user.set_password(PASSWORD)
        user.save()
        client.post("/forgot/", {"login": "anna"}, headers={"host": "evil.example"})
        run_jobs()
        for caught in smtp_catcher.messages:
            assert b"evil.example" not in caught.raw


@pytest.mark.django_db
class TestFiles:
    NAMES = (
        "../../x", "..\\..\\x.txt", "/etc/passwd", "CON", "x" * 4096 + ".png", "a\r\nSet-Cookie: x=y.png", 'a"b;c.png',
        "\u202egnp.exe", "e\u0301.png", "-rf", ".htaccess", "\u200b.htaccess", "a.php.jpg", "снимок экрана.png", "a\x00.png",
        "%2e%2e%2fx", "?.png", "<img src=x onerror=alert(1)>.png", ";.png", "a.svg", "a.html",
    )  # fmt: skip

    @pytest.mark.parametrize("name", NAMES)
    def test_a_name_is_only_a_name(self, client: Client, requester: Any, name: str) -> None:
        upload = SimpleUploadedFile("x", b"<script>1</script>", "image/svg+xml")
        upload._name = name  # type: ignore[attr-defined]  # as it comes over the wire: SimpleUploadedFile cleans it
        sent = client.post(reverse("requests:new"), feedback(files=upload))
        assert sent.status_code in (302, 400, 422)
        for file in Attachment.objects.all():
            assert not re.search(r"[\\/\x00-\x1f\u202a-\u202e\u2066-\u2069]", file.name) and len(file.name) <= 200
            response = client.get(reverse("files:download", args=[file.pk]))
            assert response.headers["Content-Type"] == "application/octet-stream"
            assert response.headers["Content-Disposition"].startswith("attachment")
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert "sandbox" in response.headers["Content-Security-Policy"]
            assert not re.search(r"[\r\n]", str(response.headers["Content-Disposition"]))
            assert client.get(reverse("files:preview", args=[file.pk])).status_code == 404

    def test_too_large_is_said_and_nothing_is_kept(self, client: Client, requester: Any, settings: Any) -> None:
        settings.UPLOAD_LIMIT = 1000
        upload = SimpleUploadedFile("a.txt", b"x" * 1001)
        response = client.post(reverse("requests:new"), feedback(files=upload))
        assert response.status_code == 422 and not Ticket.objects.exists()

    @pytest.mark.parametrize("count", [501, 5000])
    def test_too_many_fields_are_refused(self, client: Client, requester: Any, count: int) -> None:
        client.raise_request_exception = False
        many = {f"field{number}": "x" for number in range(count)}
        assert client.post(reverse("requests:new"), feedback(**many)).status_code == 400
        assert not Ticket.objects.exists()

    def test_too_many_files_are_refused(self, client: Client, requester: Any) -> None:
        client.raise_request_exception = False
        files = [SimpleUploadedFile(f"{number}.txt", b"x") for number in range(django_settings.FILES_LIMIT + 5)]
        assert client.post(reverse("requests:new"), feedback(files=files)).status_code in (400, 422)
        assert not Ticket.objects.exists()

    def test_a_file_is_its_requests_alone(self) -> None:
        """HEAD, ranges, conditions: a stranger's answer is that of a file that is not there (A23)."""
        world = build()
        address = reverse("files:download", kwargs=world.things["files:download"]["own"])
        missing = reverse("files:download", args=[MISSING_KEY])
        assert world.client("requester").get(address).status_code == 200
        for person in ("colleague", "other_requester", "other_coordinator", "ex_contact", "administrator"):
            client = world.client(person)
            for headers in (
                {},
                {"range": "bytes=0-3"},
                {"if-none-match": "*"},
                {"if-modified-since": "Mon, 23 Nov 2099 00:00:00 GMT"},
            ):
                for method in ("GET", "HEAD"):
                    mine, none = (client.generic(method, path, headers=headers) for path in (address, missing))
                    assert (mine.status_code, none.status_code) == (404, 404)
                    assert set(mine.headers) == set(none.headers)


@pytest.mark.django_db
class TestSecretsStaySecret:
    CANARY = "тайнаяКанарейка77"

    def test_nothing_typed_as_a_secret_reaches_the_log(self, client: Client, caplog: Any) -> None:
        caplog.set_level(logging.DEBUG)
        user = UserFactory.create(login="anna", email="anna@chv.example")
        user.set_password(self.CANARY)
        user.save()
        client.post("/sign-in/", {"login": "anna", "password": f"{self.CANARY}не тот"})
        client.post("/sign-in/", {"login": self.CANARY, "password": "в поле логина"})
        client.post("/sign-in/", {"login": "anna", "password": self.CANARY})
        client.post(
            "/profile/password/", {"old": self.CANARY, "new": f"{self.CANARY} два", "again": f"{self.CANARY} два"}
        )
        client.get(f"/reset/{self.CANARY}/")
        client.post("/forgot/", {"login": self.CANARY})
        session = client.cookies[django_settings.SESSION_COOKIE_NAME].value
        administrator = AdministratorFactory.create()
        client.force_login(administrator)
        box = mailbox_on()
        for name in ("settings:mailbox", "settings:check_mailbox", "settings:test_letter"):
            client.post(
                reverse(name, args=[box.pk]),
                {"name": "П", "address": box.address, "imap_host": "127.0.0.1", "imap_port": "1", "imap_password": self.CANARY,
                 "smtp_host": "127.0.0.1", "smtp_port": "1", "smtp_password": self.CANARY},
            )  # fmt: skip
        assert self.CANARY not in caplog.text
        assert session not in caplog.text
        assert django_settings.SECRET_KEY not in caplog.text

    def test_a_mailbox_password_never_comes_back(self, client: Client) -> None:
        box = mailbox_on()
        box.imap_password = box.smtp_password = self.CANARY
        box.save()
        client.force_login(AdministratorFactory.create())
        for name in ("settings:mailbox", "settings:mailboxes", "settings:journal"):
            arguments = [box.pk] if name == "settings:mailbox" else []
            page = client.get(reverse(name, args=arguments)).text
            assert self.CANARY not in page and box.imap_secret not in page

    @pytest.mark.parametrize(
        "text", ["a\n2026-01-01 INFO admin signed in", "\x1b[31m", "\r", "\u2028x", "\x85y", "a\x00b"]
    )
    def test_one_event_is_one_line(self, text: str) -> None:
        record = logging.LogRecord("x", logging.INFO, __file__, 1, "from %s", (text,), None)
        assert len(OneLine().format(record).splitlines()) == 1
        assert "\x1b" not in OneLine().format(record)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    ["/metrics", "/status.php", "/debug", "/admin", "/admin/", "/static/../provodnik/config/settings.py", "/.git/config",
     "/.env", "/backup", "/static/%2e%2e/%2e%2e/etc/passwd", "/server-status", "/phpinfo.php", "/api/", "/__debug__/",
     "/media/", "/files/", "/files/../secret.key", "//evil.example", "/static/", "/install/", "/favicon.ico/.php"],
)  # fmt: skip
def test_there_is_nothing_else_to_find(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code in (302, 404)
    assert __version__ not in response.text or response.status_code == 404


@pytest.mark.django_db
def test_monitoring_learns_no_more_than_that_we_live(client: Client) -> None:
    response = client.get("/healthz")
    assert response.json() == {"status": "ok"}
    assert __version__ not in str(response.headers)
    assert "Server" not in response.headers


def test_a_secure_installation_passes_djangos_own_checks(tmp_path: Path) -> None:
    """`check --deploy` behind https: nothing to say (A78)."""
    done = subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"],
        env={
            **{name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"},
            "DJANGO_SETTINGS_MODULE": "provodnik.config.settings",
            "PROVODNIK_BASE_URL": "https://portal.example",
            "PROVODNIK_DATA_DIR": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
