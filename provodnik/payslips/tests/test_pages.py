"""Pages: who opens what, what stands there, how many statements it costs (A57; cabinet B-checks 19, 20, 22)."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from provodnik.accounts.models import User
from provodnik.core import files
from provodnik.desk.tests.factories import NOW, AdministratorFactory, LeadFactory, UserFactory
from provodnik.entry.actions import leaving
from provodnik.notify.models import Notice
from provodnik.payslips.actions import packing, publishing, withdrawing
from provodnik.payslips.models import PayBatch, PayLook, PayPack, PayQuestion, Payslip
from provodnik.payslips.policies import visible_versions
from provodnik.payslips.states import Pay
from provodnik.payslips.tests.factories import LINES, a_month, publish, tell
from provodnik.people.actions import standing
from provodnik.people.models import Employment
from provodnik.people.states import DecisionKind, Source, StaffRole
from provodnik.people.tests.factories import TODAY, House, account

pytestmark = pytest.mark.django_db
NEAR, MONTH = date(2025, 12, 1), date(2026, 1, 1)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def client(user: User) -> Client:
    found = Client()
    found.force_login(user)
    return found


class World:
    """A worker with two months published, a third one loaded; his manager, personnel, a deputy, an accountant."""

    def __init__(self) -> None:
        self.house = House()
        unit = self.house.unit("Участок сетей")
        self.place = self.house.hire("Озеров Иван Петрович", unit, personnel_number="00712")
        self.head = self.house.hire("Росина Анна Львовна", unit)
        self.deputy = self.house.hire("Безднев Пётр Кузьмич", unit)
        self.worker, self.manager = account(self.place), account(self.head)
        self.stands_in = account(self.deputy)
        self.accountant = self.house.staff(StaffRole.PAYROLL)
        self.before, self.now = a_month(self.place, NEAR), a_month(self.place, MONTH)
        for slip in (self.before, self.now):
            publish(slip.batch, by=self.accountant, at=NOW)
        standing.set_head(unit.pk, self.head.pk, since=date(2024, 1, 1), source=Source.HAND, at=NOW)
        standing.set_deputy(
            self.head.pk, self.deputy.pk, kinds=list(DecisionKind), starts_on=TODAY, ends_on=TODAY + DAY,
            by=self.manager, at=NOW,
        )  # fmt: skip

    @property
    def url(self) -> str:
        return reverse("payslips:show", args=[self.now.pk])


def test_who_opens_a_payslip(_now: Any) -> None:
    world, far = World(), House("Тихий Дон")
    boss = AdministratorFactory.create()
    others = {
        "manager": world.manager,
        "deputy": world.stands_in,
        "personnel": world.house.staff(),
        "administrator": boss,
        "lead": LeadFactory.create(),
        "stranger": UserFactory.create(is_employee=True),
        "accountant of another house": far.staff(StaffRole.PAYROLL),
        "personnel of another house": far.staff(),
    }
    ways = [world.url, f"{world.url}1/", f"{world.url}1/pdf"]
    for who, user in others.items():
        assert [client(user).get(way).status_code for way in ways] == [404] * 3, who
        assert not visible_versions(user).filter(payslip=world.now).exists(), who
    for user in (world.worker, world.accountant):
        assert [client(user).get(way).status_code for way in ways] == [200] * 3
    # no right of the worker's own outlives him, and no right is made by being switched off
    User.objects.filter(pk=world.accountant.pk).update(is_active=False)
    world.accountant.refresh_from_db()
    assert not visible_versions(world.accountant).exists()
    # who has left goes on reading his own, and nothing else
    Employment.objects.filter(pk=world.place.pk).update(ends_on=TODAY)
    _now.shift(DAY)
    assert leaving.settle(at=NOW + DAY, on=TODAY + DAY) == 1
    gone = client(world.worker)
    assert [gone.get(way).status_code for way in ["/payslips/", *ways]] == [200] * 4
    assert gone.get("/people/").status_code == 404 and gone.get("/payslips/batches/").status_code == 404
    _now.shift(366 * DAY)
    leaving.settle(at=NOW + 367 * DAY, on=TODAY + 367 * DAY)
    assert client(world.worker).get(world.url).status_code != 200


def test_what_stands_on_a_payslip_and_who_looked(django_assert_max_num_queries: Any) -> None:
    world = World()
    changed = [
        {**LINES[0], "sum": "60000.00", "days": "20"},
        *LINES[1:],
        {"group": "other", "name": "<b>Ы</b>", "sum": "1.00"},
    ]
    tell(world.place, MONTH, 2, world.now.guid, lines=changed, to_pay="25774.65")
    batch = PayBatch.objects.get(pk=world.now.batch_id)
    publish(batch, by=world.accountant, at=NOW)
    phone = client(world.worker)
    with django_assert_max_num_queries(14):
        page = phone.get(world.url).content.decode()
    for words in (
        "25\u00a0774,65\u00a0₽",
        "1\u00a0999,00\u00a0₽",
        "20 дней вместо 22".replace(" д", "\u00a0д"),
        "&lt;b&gt;Ы&lt;/b&gt;",
        "Алименты",
        "Никто",
    ):
        assert words in page, words
    assert "Скрытая" not in page and "<b>Ы</b>" not in page
    # version 1 stays readable (B-check 20)
    first = phone.get(f"{world.url}1/").content.decode()
    assert "27\u00a0773,65\u00a0₽" in first and "Открыть версию 2" in first
    assert [row.opened_at is not None for row in world.now.versions.order_by("number")] == [True, True]
    with django_assert_max_num_queries(12):
        assert "январь" in phone.get("/payslips/").content.decode().lower()
    # an accountant's every look is told, on the payslip and among all looks
    office = client(world.accountant)
    with django_assert_max_num_queries(16):
        assert "Озеров" in office.get(world.url).content.decode()
    assert office.get(f"{world.url}2/pdf").content.startswith(b"%PDF")
    assert PayLook.objects.count() == 2
    page = phone.get(world.url).content.decode()
    assert "файлом PDF" in page and "Никто." not in page
    assert "листок" in phone.get(reverse("people:looks")).content.decode()
    # proved long ago, the worker is asked once more
    with time_machine.travel(NOW + timedelta(minutes=16), tick=False):
        for way in ("/payslips/", world.url, f"{world.url}1/pdf"):
            assert phone.get(way).headers["Location"].startswith("/confirm"), way
        assert office.get(world.url).status_code == 200


def test_a_question_and_its_answer() -> None:
    world = World()
    phone, office = client(world.worker), client(world.accountant)
    page = phone.get(f"{world.url}1/?ask=1").content.decode()
    assert "Районный коэффициент" in page and 'name="text"' in page
    key = uuid.uuid4()
    for _twice in range(2):
        answer = phone.post(f"{world.url}1/ask", {"key": key, "line": 1, "text": "Почему столько?"})
        assert answer.status_code == 302, answer.content.decode()[-3000:]
    asked = PayQuestion.objects.get()
    assert (asked.name, asked.line, asked.version.number) == ("Районный коэффициент", 1, 1)
    for wrong, status in (({"line": 99, "text": "x"}, 422), ({"line": 1, "text": " "}, 422), ({"line": "x"}, 422)):
        assert phone.post(f"{world.url}1/ask", {"key": uuid.uuid4(), **wrong}).status_code == status
    assert office.post(f"{world.url}1/ask", {"key": uuid.uuid4(), "line": 1, "text": "x"}).status_code == 404
    assert Notice.objects.filter(user=world.accountant, url=f"/payslips/questions/{asked.pk}/").count() == 1
    assert "Почему столько?" in office.get("/payslips/questions/").content.decode()
    page = office.get(f"/payslips/questions/{asked.pk}/").content.decode()
    assert "9\u00a0300,00" in page and PayLook.objects.count() == 1
    assert office.post(f"/payslips/questions/{asked.pk}/", {"answer": " "}).status_code == 422
    assert office.post(f"/payslips/questions/{asked.pk}/", {"answer": "15 % по региону."}).status_code == 302
    assert office.post(f"/payslips/questions/{asked.pk}/", {"answer": "Ещё"}).status_code == 422
    # it stays by the line, also by that of a correction; no notice holds a sum
    tell(world.place, MONTH, 2, world.now.guid)
    publish(PayBatch.objects.get(pk=world.now.batch_id), by=world.accountant, at=NOW)
    assert "15\u00a0% по\u00a0региону." in phone.get(world.url).content.decode()
    texts = list(Notice.objects.filter(user=world.worker).values_list("text", flat=True))
    assert len(texts) == 4 and not any(
        sign.isdigit() for text in texts for sign in text.replace("2025", "").replace("2026", "")
    )


def test_control_and_publishing(django_assert_max_num_queries: Any) -> None:
    world = World()
    paper = world.house.hire("Тихая Вода Бумажная")
    slips = [a_month(place, date(2026, 2, 1)) for place in (world.place, world.head, paper)]
    batch, office = slips[0].batch, client(world.accountant)
    batch.refresh_from_db()
    url = reverse("payslips:batch", args=[batch.pk])
    with django_assert_max_num_queries(20):
        page = office.get(url).content.decode()
    assert "83\u00a0320,95\u00a0₽" in page and "Безднев" not in page
    with django_assert_max_num_queries(9):
        assert "Безднев" in office.get(f"{url}missing/").content.decode()
    for given, told in (
        ({"count": 4, "to_pay": "83320,95"}, "ведомости 4"),
        ({"count": 3, "to_pay": "83 320,96"}, "0,01"),
        ({"count": 3, "to_pay": "много"}, "Рубли"),
    ):
        answer = office.post(f"{url}check", {**given, "revision": batch.revision})
        assert answer.status_code == 422 and told in answer.content.decode(), told
    assert office.post(f"{url}schedule", {"revision": batch.revision}).status_code == 422
    good = {"count": 3, "to_pay": "83 320,95 ₽", "revision": batch.revision}
    assert office.post(f"{url}check", good).status_code == 302
    assert office.post(f"{url}check", good).status_code == 422  # the page was read before
    batch.refresh_from_db()
    for when in ("9999-12-31T23:59", "завтра", "2026-13-01T00:00"):
        assert office.post(f"{url}schedule", {"revision": batch.revision, "when": when}).status_code == 422, when
    later = {"revision": batch.revision, "when": "2026-11-25T23:00"}
    assert office.post(f"{url}schedule", later).status_code == 302
    batch.refresh_from_db()
    assert batch.state == "scheduled" and batch.publish_at is not None and batch.publish_at > NOW
    assert "Отменить" in office.get(url).content.decode()
    assert office.post(f"{url}unschedule", {"revision": batch.revision}).status_code == 302
    publish_now(office, url, batch)
    assert Notice.objects.filter(user=world.worker, key__startswith="payslip:").count() == 3
    # the pack of who has no account; each of them is told who printed
    key = uuid.uuid4()
    for _twice in range(2):
        assert office.post(f"{url}packs", {"key": key, "unit": ""}).status_code == 302
    pack = PayPack.objects.get()
    packing.make(pack.pk, now=NOW)
    pack.refresh_from_db()
    assert (pack.state, pack.done) == ("done", 1)
    got = office.get(f"/payslips/packs/{pack.pk}")
    assert b"%PDF" in (got.content if not got.streaming else b"".join(got.streaming_content))[:10]
    assert PayLook.objects.filter(version__payslip=slips[2], how="pack").count() == 1
    packing.throw_away(now=NOW + 4 * DAY)
    pack.refresh_from_db()
    assert pack.blob is None
    # taken back, one and then all: the worker reads why and no sums
    one = slips[0]
    assert office.post(f"/payslips/{one.pk}/withdraw", {"reason": "Не тот табель"}).status_code == 302
    phone = client(world.worker)
    assert phone.get(reverse("payslips:show", args=[one.pk])).status_code == 404
    assert "тот табель" in phone.get("/payslips/").content.decode()
    batch.refresh_from_db()
    again = {"reason": "Ошибка в ведомости", "revision": batch.revision}
    assert office.post(f"{url}withdraw", again).status_code == 302
    assert sorted(Payslip.objects.filter(batch=batch).values_list("versions__state", flat=True)) == ["withdrawn"] * 3
    with pytest.raises(withdrawing.Refused):
        withdrawing.withdraw(one.pk, reason="Ещё раз", by=world.accountant, at=NOW)
    with django_assert_max_num_queries(10):
        assert "февраль" in office.get("/payslips/batches/").content.decode().lower()


def publish_now(office: Client, url: str, batch: PayBatch) -> None:
    batch.refresh_from_db()
    assert office.post(f"{url}schedule", {"revision": batch.revision}).status_code == 302
    assert publishing.due(now=NOW) == [batch.pk]
    assert publishing.publish(batch.pk, now=NOW) == 3
    assert publishing.publish(batch.pk, now=NOW) == 0
    batch.refresh_from_db()
    assert batch.state == "published" and publishing.due(now=NOW) == []


def test_nothing_to_read_and_a_pdf_alone() -> None:
    house = House()
    place = house.hire("Озеров Иван")
    worker, accountant = account(place), house.staff(StaffRole.PAYROLL)
    phone = client(worker)
    assert "листков пока нет" in phone.get("/payslips/").content.decode()
    assert "/payslips/batches/" in client(accountant).get("/payslips/").content.decode()
    assert "/payslips/batches/" not in client(house.staff()).get("/payslips/").content.decode()
    assert client(AdministratorFactory.create()).get("/payslips/").status_code == 404
    given = files.keep(b"%PDF-1.4 of 1C")
    slip = a_month(place, MONTH, lines=None, to_pay=None, debt_before=None, debt_after=None, pdf=given)
    assert slip.part == Pay.FINAL and slip.versions.get().to_pay is None
    publish(slip.batch, by=accountant, at=NOW)
    url = reverse("payslips:show", args=[slip.pk])
    assert "PDF" in phone.get(url).content.decode()
    got = phone.get(f"{url}1/pdf")
    assert (got.content if not got.streaming else b"".join(got.streaming_content)) == b"%PDF-1.4 of 1C"
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert phone.post(f"{url}1/ask", {"key": uuid.uuid4(), "text": "Где строки?"}).status_code == 302
    assert "Где строки?" in phone.get(url).content.decode()
