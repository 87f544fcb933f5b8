"""The pages of the report: who sees what, where figures lead, what an address may ask."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from provodnik.accounts.models import User
from provodnik.core.parts import parts
from provodnik.desk.actions import closing
from provodnik.desk.models import Ticket
from provodnik.desk.policies import visible_tickets
from provodnik.desk.states import Resolution
from provodnik.desk.tests.factories import (
    HOUR,
    NOW,
    AdministratorFactory,
    ContractFactory,
    LeadFactory,
    SignedInContactFactory,
    SpecialistFactory,
    make_ticket,
)
from provodnik.quality import papers, periods
from provodnik.quality.actions import cases
from provodnik.quality.policies import Scope, scope_of, visible_cases
from provodnik.quality.queries import behind, figures
from provodnik.quality.queries.filters import By, Filters
from provodnik.quality.queries.load import load
from provodnik.quality.queries.paper import paper
from provodnik.quality.queries.promises import contracts_of
from provodnik.quality.tests.test_cases import closed
from provodnik.ui import charts

pytestmark = pytest.mark.django_db
MONTH = periods.read("2026-11")
assert MONTH is not None


def client(user: User) -> Client:
    found = Client()
    found.force_login(user)
    return found


def scope(user: User) -> Scope:
    found = scope_of(user)
    assert found is not None
    return found


def shown(user: User, address: str) -> str:
    response = client(user).get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def test_the_door_is_that_of_the_requests():
    """Whatever the person: no row of figures without its request, and none missing."""
    contract = ContractFactory.create()
    coordinator = SignedInContactFactory.create(customer=contract.customer, is_coordinator=True)
    requester = SignedInContactFactory.create(customer=contract.customer)
    for contact in (coordinator, requester, SignedInContactFactory.create(is_coordinator=True)):
        make_ticket(contact=contact)
    cases.catch_up_all()
    for user in (LeadFactory.create(), SpecialistFactory.create(), coordinator.user):
        numbers = set(visible_cases(scope(user)).values_list("pk", flat=True))
        assert numbers == set(visible_tickets(user).values_list("pk", flat=True)) != set()
    assert len(visible_cases(scope(coordinator.user))) == 2
    for user in (requester.user, AdministratorFactory.create()):
        assert scope_of(user) is None and client(user).get("/quality/").status_code == 404
    # a request that went to another customer is gone at once, whatever its row still says
    other = SignedInContactFactory.create()
    Ticket.objects.filter(contact=requester).update(customer=other.customer, contact=other)
    assert len(visible_cases(scope(coordinator.user))) == 1


def test_a_specialist_reads_no_name_of_a_colleague():
    ticket = closed()
    colleague = User.objects.get(pk=ticket.assignee_id)
    User.objects.filter(pk=colleague.pk).update(full_name="Зеленоглазов Аполлон Гаврилович")
    cases.catch_up_all()
    me = SpecialistFactory.create(full_name="Полевая Анна")
    month = "period=2026-11"
    for address in (f"/quality/?{month}&whose=all&by=assignee", f"/quality/requests?{month}&whose=all"):
        assert "Зеленоглазов" not in shown(me, address)
    assert f"№&nbsp;{ticket.pk}" in shown(me, f"/quality/requests?{month}&whose=all")
    assert f"№&nbsp;{ticket.pk}" not in shown(me, f"/quality/requests?{month}")  # his own alone
    # a colleague's figures cannot be asked for
    mine = Filters.read({"assignee": str(colleague.pk), "period": "2026-11"}, scope(me), today=timezone.localdate(NOW))
    assert (mine.assignee, mine.mine, mine.by) == ("", True, By.PRIORITY)
    assert "Зеленоглазов" in shown(LeadFactory.create(), f"/quality/?{month}&by=assignee")


def test_every_figure_leads_to_as_many_requests():
    lead = LeadFactory.create()
    ticket, late = closed(), make_ticket()
    closing.close(late.pk, resolution=Resolution.COMPLAINT, text="Да.", by=lead, at=late.due_at + HOUR)
    closing.rate(ticket.pk, rating=4, text="", by=ticket.contact.user, at=ticket.closed_at + HOUR)
    make_ticket()
    cases.catch_up_all()
    filters = Filters(period=MONTH)
    total = figures.table(filters, scope(lead)).total
    assert (total.received, total.closed, total.late, total.complaints, total.rated, total.asked) == (3, 2, 1, 1, 1, 1)
    for figure in ("received", "closed", "in_time", "late", "asked", "reopened", "refused", "complaints", "rated"):
        found = behind.page(filters, scope(lead), figure, now=NOW)
        assert len(found.lines) == getattr(total, figure), figure
    page = shown(lead, "/quality/?period=2026-11")
    for link in set(re.findall(r'href="(/quality/requests\?[^"]*)"', page)):
        assert client(lead).get(unescape(link)).status_code == 200


def test_the_list_is_paged_by_key_and_misses_nothing(monkeypatch):
    lead = LeadFactory.create()
    numbers = [closed().pk for _ in range(5)]
    opened = [make_ticket(at=NOW + i * HOUR).pk for i in range(5)]
    cases.catch_up_all()
    monkeypatch.setattr(behind, "PAGE", 2)
    for figure, wanted in (("closed", numbers), ("slow", numbers), ("running", opened)):
        seen: list[int] = []
        after = ""
        while True:
            page = behind.page(Filters(period=MONTH), scope(lead), figure, now=NOW, after=after)
            seen += [line.ticket.pk for line in page.lines]
            after = page.after
            if not after:
                break
        assert sorted(seen) == wanted and len(seen) == 5, figure


@pytest.mark.parametrize(
    "query",
    [
        "period=2026-13",
        "period=99999-12",
        "period=%00",
        "by=password",
        "by=user__password&customer=1%20OR%201=1",
        "customer=9999999999999999999999",
        "customer=-1",
        "customer=%D9%A1",
        "assignee=none&team=none&subsystem=none&customer=none",
        "priority=urgent%00",
        "period=2099&by=month",
        "figure=day-2026-02-30",
        "figure=day-0001-01-01",
        "figure=password",
        "figure=slow&after=9" + "9" * 30,
        "figure=running&after=999999999999999999.5",
        "figure=closed&after=a.b.c",
    ],
)
def test_odd_addresses_are_answered(query):
    """Whatever stands in the address: a page or a 404, never an error (A34, A68)."""
    user = client(LeadFactory.create())
    for path in ("/quality/", "/quality/requests", "/quality/files"):
        assert user.get(f"{path}?{query}").status_code in (200, 404), path


def test_statements_of_the_page_are_few(django_assert_max_num_queries):
    lead = LeadFactory.create()
    contract = ContractFactory.create()
    for _ in range(4):
        closed(contact=SignedInContactFactory.create(customer=contract.customer))
    cases.catch_up_all()
    user = client(lead)
    user.get("/quality/")  # what a session asks once
    with django_assert_max_num_queries(36):
        user.get(f"/quality/?period=2026-11&by=assignee&customer={contract.customer_id}")
    with django_assert_max_num_queries(20):
        user.get("/quality/requests?period=2026-11")


def test_what_lies_ahead():
    lead = LeadFactory.create()
    soon, later = make_ticket(at=NOW), make_ticket(at=NOW + timedelta(days=1))
    asleep, late = make_ticket(), make_ticket()
    Ticket.objects.filter(pk=late.pk).update(due_at=NOW)
    Ticket.objects.filter(pk=later.pk).update(due_at=NOW + timedelta(days=30))
    Ticket.objects.filter(pk=asleep.pk).update(status="clarification", asked_at=NOW)
    found = load(Filters(period=MONTH), scope(lead), now=NOW + HOUR)
    day = timezone.localdate(soon.due_at)
    assert (found.overdue, found.standing, found.later, dict(found.days)[day]) == (1, 1, 1, 1)
    assert sum(count for _hour, count in found.hours) == 1 and found.running == 3
    for figure, number in (("overdue", late), ("standing", asleep), ("later", later), (f"day-{day}", soon)):
        page = behind.page(Filters(period=MONTH), scope(lead), figure, now=NOW + HOUR)
        assert [line.ticket.pk for line in page.lines] == [number.pk], figure


def test_the_contract_beside_what_was_done():
    contract = ContractFactory.create(target_share=95, high_allowance=2 * HOUR)
    contact = SignedInContactFactory.create(customer=contract.customer, is_coordinator=True)
    closed(contact=contact)
    cases.catch_up_all()
    page = shown(contact.user, "/quality/?period=2026-11")
    assert "Что обещал договор" in page and contract.number in page and "выполнено" in page and "2\u00a0ч" in page
    terms = contracts_of(contract.customer)
    assert terms.at_end_of(datetime(2026, 11, 1, tzinfo=UTC).date()).target == 95
    before = terms.at_end_of(datetime(2025, 11, 1, tzinfo=UTC).date())  # the contract had not begun
    assert before.contract is None and before.target is None


def test_the_paper_is_the_same_from_the_same():
    """A4 of the customer's own figures: bytes repeat, texts are texts whatever they say (A64)."""
    contract = ContractFactory.create(target_share=95, number='#panic("x") $x$ {{7*7}}')
    type(contract.customer).objects.filter(pk=contract.customer_id).update(name='#read("/etc/passwd") *жирно* @x')
    contract.customer.refresh_from_db()
    lead = LeadFactory.create()
    for _ in range(2):
        late = make_ticket(
            contact=SignedInContactFactory.create(customer=contract.customer), subject='#include "x" <a> \\ ` ~'
        )
        closing.close(late.pk, resolution=Resolution.SOLVED, text="Да.", by=lead, at=late.due_at + HOUR)
    cases.catch_up_all()
    data = paper(contract.customer, MONTH, scope(lead), now=NOW)
    assert len(data["late"]["rows"]) == 2 and data["by_priority"]["rows"][-1][3] == "2"
    first, second = (papers.render("report", data, at=NOW) for _ in range(2))
    assert first == second and first.startswith(b"%PDF-")
    response = client(lead).get(f"/quality/print/{contract.customer_id}/2026-11")
    assert response.headers["Content-Type"] == "application/pdf" and response.content.startswith(b"%PDF-")
    assert client(lead).get(f"/quality/print/{contract.customer_id}/2026-99").status_code == 404


def test_an_empty_desk_has_a_report():
    page = shown(LeadFactory.create(), "/quality/")
    assert "обращений нет" in page and "<svg" in page


def test_the_menu_has_the_line_for_its_readers():
    part = next(part for part in parts() if part.name == "quality")
    assert part.listeners and part.strict
    assert 'href="/quality/"' in shown(SpecialistFactory.create(), "/desk/")
    requester = SignedInContactFactory.create()
    assert 'href="/quality/"' not in shown(requester.user, "/requests/")


class TestCharts:
    """Pictures for whom they are pictures, words for the others."""

    def test_lines(self):
        lines = [
            charts.Line("<b>Высокий", [90.0, None, 95.0], charts.STROKES[1], "95,0 %"),
            charts.Line("Низкий", [None, None, None], charts.STROKES[3]),
        ]
        drawn = charts.line_chart(
            id="t", title="<T>", description="D", labels=["а", "б", "в"], lines=lines, target=95.0
        )
        assert 'aria-labelledby="t-t t-d"' in drawn and "&lt;T&gt;" in drawn and "<b>" not in drawn
        assert "style=" not in drawn and drawn.count("<circle") == 2  # both pieces are points
        assert "stroke-dasharray" in charts.legend(lines) and "95,0 %" in charts.legend(lines)

    @pytest.mark.parametrize("values", [[], [0.0], [100.0], [99.4], [37.5, 100.0], [0.0, 100.0]])
    def test_any_share_lies_within(self, values):
        drawn = charts.line_chart(
            id="t",
            title="T",
            description="D",
            labels=[str(no) for no in range(len(values))],
            lines=[charts.Line("x", values, charts.STROKES[0])],
        )
        heights = [float(y) for y in re.findall(r'cy="([-\d.]+)"', drawn)]
        assert all(charts.WIDE.top <= y <= charts.WIDE.height - charts.WIDE.bottom for y in heights)

    def test_bars(self):
        drawn = charts.bar_chart(
            id="b", title="T", description="D", bars=[charts.Bar("сегодня", 0), charts.Bar("завтра", 3, "error")]
        )
        assert drawn.count("<rect") == 1 and ">3<" in drawn and "сегодня" in drawn
