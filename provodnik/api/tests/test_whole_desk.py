"""What a program of a specialist, a lead and a requester does besides single steps: the desk's own actions, their own
refusals with the field that they speak of."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from provodnik.api.tests.speaking import Program, told
from provodnik.articles.tests.factories import PIXEL
from provodnik.desk.actions import incoming
from provodnik.desk.models import Contract, FieldDefinition, Ticket
from provodnik.desk.tests.factories import (
    ContractFactory,
    LeadFactory,
    SignedInContactFactory,
    SpecialistFactory,
    SubsystemFactory,
    make_ticket,
)
from provodnik.quality.actions import cases, exports

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return Program(LeadFactory.create())


@pytest.fixture
def contact():
    return ContractFactory.create(customer=SignedInContactFactory.create().customer).customer.contacts.get()


def done(answer, status=200):
    assert answer.status_code == status, answer.content.decode()
    return told(answer)


def wrong(answer, field):
    found = told(answer)
    assert found["status"] == 422 and found["errors"][0]["field"] == field, found
    assert any("а" <= letter <= "я" for letter in found["errors"][0]["detail"])


def test_ties_of_a_request(lead, contact):
    hour = timezone.now() - timedelta(hours=1)
    first, second, third = (make_ticket(contact=contact, at=hour + timedelta(minutes=n)) for n in range(3))
    here = f"/desk/requests/{first.pk}"
    definition = FieldDefinition.objects.create(contract=first.contract, label="Корпус", kind="number")
    assert [one["name"] for one in done(lead.post(f"{here}/tags", {"tags": ["отчёты", "#Срочно"]}))["tags"]] == [
        "отчёты",
        "Срочно",
    ]
    found = done(lead.post(f"{here}/fields", {"fields": [{"field": definition.pk, "value": 4.5}]}))
    assert found["fields"][0]["value"] == 4.5
    wrong(lead.post(f"{here}/fields", {"fields": [{"field": definition.pk, "value": "много"}]}), "fields.0.value")
    for asked, numbers in ((f"{definition.pk}:4,5", [first.pk]), (f"{definition.pk}:5", []), ("999:4,5", [])):
        assert [one["number"] for one in done(lead.get(f"/desk/requests?fields={asked}"))["items"]] == numbers
    assert lead.get("/desk/requests?fields=много").status_code == 400
    asked = done(lead.get(f"/customers/{first.customer_id}/fields"))["items"]
    assert [(one["id"], one["contract"]["name"]) for one in asked] == [(definition.pk, first.contract.number)]
    done(lead.get(here))
    looked = done(lead.get(f"/desk/journal?about={first.pk}&what=looks"))["items"]
    assert looked[0]["request"] == first.pk and looked[0]["look"] and str(first.pk) in looked[0]["told"]
    assert done(lead.get("/desk/journal?what=deeds&who=Никто"))["items"] == []
    team = done(lead.post("/desk/teams", {"name": "Первая линия"}), 201)
    assert done(lead.post(f"{here}/team", {"team": team["id"]}))["team"] == {"id": team["id"], "name": "Первая линия"}
    wrong(lead.post(f"{here}/team", {"team": 10**9}), "team")
    linked = done(lead.post(f"{here}/links", {"kind": "caused", "other": second.pk}), 201)["links"][0]
    assert (linked["kind"], linked["from_here"], linked["number"]) == ("cause", False, second.pk)
    wrong(lead.post(f"{here}/links", {"kind": "related", "other": first.pk}), "other")
    mark = lead.get(f"{here}/ties").headers["ETag"]
    assert done(lead.post(f"{here}/links/{linked['id']}/remove", {}, If_Match=mark))["links"] == []
    assert lead.post(f"{here}/tags", {"tags": []}, If_Match=mark).status_code == 412
    watched = done(lead.post(f"{here}/watchers", {"users": [lead.owner.pk]}))
    assert watched["watched"] and watched["watchers"][0]["user"]["id"] == lead.owner.pk
    wrong(lead.post(f"{here}/watchers", {"users": [10**9]}), "users")
    merged = lead.post(f"/desk/requests/{second.pk}/merge", {"into": first.pk}, Idempotency_Key="m")
    assert done(merged)["number"] == first.pk and merged.headers["Location"].endswith(f"/{first.pk}")
    assert lead.post(f"/desk/requests/{second.pk}/merge", {"into": first.pk}, Idempotency_Key="m").status_code == 200
    refused = told(lead.post(f"/desk/requests/{first.pk}/merge", {"into": third.pk}))
    assert refused["status"] == 403 and "раньше" in refused["detail"]
    assert done(lead.post("/desk/merges", {"numbers": [third.pk], "into": first.pk}))["number"] == first.pk
    assert done(lead.get(f"/desk/requests/{second.pk}/ties"))["merged_into"] == first.pk
    said = incoming.answer(first.pk, text="И ещё.", by=contact.user, at=timezone.now(), key=None, files=[])
    message = said.messages.filter(kind="answer").latest("pk")
    body = {"subject": "Другое", "type": "question", "priority": "low"}
    made = done(lead.post(f"{here}/messages/{message.pk}/split", body), 201)
    assert made["subject"] == "Другое" and lead.post(f"{here}/messages/{10**9}/split", body).status_code == 404


def test_many_at_once(lead):
    numbers = [make_ticket().pk for _n in range(2)]
    run = done(lead.post("/desk/bulk/tags", {"numbers": numbers, "add": ["волна"]}, Idempotency_Key="b"), 201)
    assert run["state"] == "done" and [one["done"] for one in run["items"]] == [True, True]
    assert done(lead.post("/desk/bulk/tags", {"numbers": numbers, "add": ["волна"]}, Idempotency_Key="b"), 201) == run
    assert done(lead.post(f"/desk/bulk/{run['id']}/undo"))["state"] == "undone"
    waiting = done(lead.post("/desk/bulk/close", {"numbers": numbers, "resolution": "solved", "text": "Да."}), 201)
    assert waiting["state"] == "waiting" and done(lead.post(f"/desk/bulk/{waiting['id']}/undo"))["state"] == "cancelled"
    assert Ticket.objects.filter(closed_at=None).count() == 2
    wrong(lead.post("/desk/bulk/assign", {"numbers": numbers, "assignee": 10**9}), "assignee")
    stranger = Program(SpecialistFactory.create())
    assert stranger.get(f"/desk/bulk/{run['id']}").status_code == 404
    assert len(done(lead.get("/desk/bulk"))["items"]) == 2


def test_prepared_answers_views_and_drafts(lead):
    ticket, specialist = make_ticket(), Program(SpecialistFactory.create())
    here = f"/desk/requests/{ticket.pk}"
    body = {"title": "Снимок", "text": "№ {номер}: пришлите снимок.", "mode": "ask", "priority": "low", "shared": True}
    assert told(specialist.post("/desk/macros", body))["status"] == 403
    macro = done(lead.post("/desk/macros", body), 201)
    wrong(lead.post(f"/desk/macros/{macro['id']}", {"text": "{nothing}"}), "text")
    changed = done(lead.post(f"/desk/macros/{macro['id']}", {"title": "Снимок экрана", "assignee": "me"}))
    assert (changed["title"], changed["text"], changed["assignee"]) == ("Снимок экрана", body["text"], "me")
    filled = done(specialist.get(f"{here}/macros"))["items"][0]
    assert filled["text"] == f"№ {ticket.pk}: пришлите снимок."
    asked = done(specialist.post(f"{here}/questions", {"text": filled["text"], "macro": macro["id"]}), 201)
    assert (asked["status"], asked["priority"], asked["assignee"]["id"]) == (
        "clarification",
        "low",
        specialist.owner.pk,
    )
    wrong(specialist.post(f"{here}/replies", {"text": "Да.", "macro": 10**9}), "macro")
    assert told(specialist.post(f"/desk/macros/{macro['id']}/remove"))["status"] == 403
    assert done(lead.post(f"/desk/macros/{macro['id']}/remove")) == {"removed": True}

    query = {"view": "open", "priority": "low", "tags": []}
    view = done(specialist.post("/desk/saved-views", {"name": "Низкие", "query": query}), 201)
    assert view["query"] == {"view": "open", "priority": "low"}
    rows = done(specialist.get(f"/desk/requests?saved={view['id']}"))["items"]
    assert [one["number"] for one in rows] == [ticket.pk] and lead.get(
        f"/desk/requests?saved={view['id']}"
    ).status_code == 404
    assert done(specialist.get("/desk/requests?priority=high&due=week"))["items"] == []
    renamed = done(specialist.post(f"/desk/saved-views/{view['id']}", {"name": "Подождут"}))
    assert renamed["name"] == "Подождут" and renamed["query"] == view["query"]
    assert done(specialist.post(f"/desk/saved-views/{view['id']}/remove")) == {"removed": True}

    draft = done(specialist.post(f"{here}/draft", {"text": "Начал."}))["draft"]
    assert [one["id"] for one in done(specialist.get("/desk/drafts"))["items"]] == [draft["id"]]
    assert done(specialist.post(f"{here}/unsent/{draft['id']}/recall")) == {"recalled": False}
    assert done(specialist.post(f"{here}/draft/remove")) == {"removed": True}


def test_works_go_their_way(lead):
    ticket, specialist = make_ticket(), Program(SpecialistFactory.create())
    section = SubsystemFactory.create()
    start = timezone.localtime() + timedelta(hours=1)
    body = {
        "kind": "planned",
        "title": "Обновление",
        "starts_at": start.isoformat(timespec="seconds"),
        "ends_at": (start + timedelta(hours=2)).isoformat(timespec="seconds"),
        "subsystems": [section.pk],
    }
    assert specialist.post("/works", body).status_code == 404
    wrong(lead.post("/works", {**body, "ends_at": None}), "ends_at")
    wrong(lead.post("/works", {**body, "starts_at": 1}), "starts_at")
    made = lead.post("/works", body, Idempotency_Key="w")
    work = done(made, 201)
    assert done(lead.post("/works", body, Idempotency_Key="w"), 201)["id"] == work["id"] and work["state"] == "draft"
    here, mark = f"/works/{work['id']}", lead.get(f"/works/{work['id']}/led").headers["ETag"]
    changed = done(lead.post(here, {"title": "Обновление 3.4", "release": "3.4"}, If_Match=mark))
    assert (changed["title"], changed["subsystems"][0]["id"]) == ("Обновление 3.4", section.pk)
    assert lead.post(here, {"title": "Другое"}, If_Match=mark).status_code == 412
    wrong(lead.post(f"{here}/announce"), "text")  # late: it owes a word why
    assert done(lead.post(f"{here}/announce", {"text": "Срочное исправление."}))["state"] == "announced"
    wrong(lead.post(here, {"title": "Иначе"}), "reason")
    wrong(lead.post(here, {"kind": "incident", "reason": "Так."}), "kind")
    assert done(lead.post(f"{here}/begin"))["state"] == "going"
    wrong(lead.post(f"{here}/end", {"until": "2020-01-01T00:00:00+03:00"}), "until")
    assert done(specialist.post(f"{here}/tie", {"request": ticket.pk})) == {"numbers": [ticket.pk]}
    wrong(specialist.post(f"{here}/tie", {"request": 10**9}), "request")
    assert [one["id"] for one in done(specialist.get(f"/desk/requests/{ticket.pk}/works"))["tied"]] == [work["id"]]
    given = done(specialist.post(f"{here}/answer", {"text": "Починили.", "resolution": "solved"}), 202)["last"]
    assert (
        given["lines"][0]["number"] == ticket.pk and done(specialist.get(f"{here}/answer"))["last"]["id"] == given["id"]
    )
    assert done(lead.post(f"{here}/news", {"text": "Ещё час."}))["state"] == "going"
    assert done(lead.post(f"{here}/end", {"text": "Готово."}))["state"] == "ended"
    assert [one["kind"] for one in done(specialist.get(f"{here}/news"))["items"]][:2] == ["ended", "news"]
    assert told(lead.post(f"{here}/cancel", {"text": "Нет."}))["status"] == 403
    requester = Program(SignedInContactFactory.create().user)
    assert done(requester.post("/works/letters", {"planned": False})) == {"planned": False}
    assert "/status/" in done(requester.post("/works/calendar"))["url"]


def test_an_article_from_draft_to_vote(lead):
    author, requester = Program(SpecialistFactory.create()), Program(SignedInContactFactory.create().user)
    section = done(lead.post("/sections", {"name": "Отчёты"}), 201)
    wrong(lead.post("/sections", {"name": "Отчёты"}), "name")
    copy = done(author.post("/desk/articles", {"title": "Как открыть ведомость", "section": section["id"]}), 201)
    here = f"/desk/articles/{copy['id']}"
    file = told(author.upload("шаг.png", PIXEL))["id"]
    picture = done(author.post(f"{here}/files", {"files": [file]}), 201)["files"][0]
    mark = author.get(here).headers["ETag"]
    text = "Откройте ведомость и нажмите «Печать»."
    assert done(author.post(here, {"text": text}, If_Match=mark))["section"]["id"] == section["id"]
    assert author.post(here, {"text": "Иначе."}, If_Match=mark).status_code == 412
    wrong(author.post(here, {"audience": "customers"}), "customers")
    assert done(author.post(f"{here}/offer"))["offered_at"]
    assert told(author.post(f"{here}/publish"))["status"] == 403
    assert requester.get(f"/articles/{copy['id']}").status_code == 404
    assert done(lead.post(f"{here}/publish", {"note": "Первая."}))["version"] == 1
    assert told(author.post(here, {"kind": "memo"}))["status"] == 403  # of what readers see, who publishes
    read = done(requester.get(f"/articles/{copy['id']}"))
    assert read["text"] == text and read["files"][0]["id"] == picture["id"]
    assert b"".join(requester.get(f"/articles/files/{picture['id']}")) and done(requester.get("/sections"))["items"]
    assert [one["id"] for one in done(requester.get("/articles?q=ведомость"))["items"]] == [copy["id"]]
    assert done(requester.post("/articles/suggestions", {"text": "Как открыть ведомость и где печать?"}))["items"]
    vote = done(requester.post(f"/articles/{copy['id']}/vote", {"helped": False, "version": 1, "text": "Мало."}))
    assert vote == {"helped": False, "version": 1, "text": "Мало."}
    wrong(requester.post(f"/articles/{copy['id']}/vote", {"helped": True, "version": 9}), "version")
    ticket = make_ticket(text="Не открывается ведомость")
    beside = f"/desk/requests/{ticket.pk}/articles/{copy['id']}"
    assert text in done(author.get(f"{beside}?whole=true"))["text"]
    assert told(author.post(f"{beside}/close"))["status"] == 403  # not of low priority
    author.post(f"/desk/requests/{ticket.pk}/priority", {"priority": "low", "reason": "Вопрос."})
    assert done(author.post(f"{beside}/close", {"whole": False}))["status"] == "done"
    assert done(author.get(f"{here}/versions"))["items"][0]["note"] == "Первая."
    author.post(here, {"text": "Хуже."})
    changes = done(author.get(f"{here}/versions/1/changes"))
    assert (changes["earlier"], changes["later"], changes["title"]) == (1, None, [])
    pieces = [(one["kind"], one["text"]) for line in changes["text"] for one in line["pieces"]]
    assert ("gone", text.removesuffix(".")) in pieces and ("new", "Хуже") in pieces
    assert done(author.get(f"{here}/versions/1/changes?to=1"))["text"] == []
    assert author.get(f"{here}/versions/1/changes?to=7").status_code == 404
    assert done(author.post(f"{here}/versions/1/restore"))["text"] == text
    assert author.post(f"{here}/withdraw").status_code == 404
    assert done(lead.post(f"{here}/withdraw"))["state"] == "withdrawn"
    assert told(lead.post(f"{here}/remove"))["status"] == 403
    assert told(lead.post(f"/sections/{section['id']}/remove"))["status"] == 403


def test_what_a_lead_writes_down(lead):
    anna, olga = SpecialistFactory.create(), SpecialistFactory.create()
    body = {"name": "Линия", "members": [anna.pk, olga.pk], "escalation": {"percent": 80}}
    team = done(lead.post("/desk/teams", body), 201)
    assert {one["id"] for one in team["members"]} == {anna.pk, olga.pk} and team["escalation"]["percent"] == 80
    assert team["urgent_weight"] == 8
    wrong(lead.post("/desk/teams", body), "name")
    wrong(lead.post("/desk/teams", {"name": "Ещё", "zone": "Луна"}), "zone")
    here = f"/desk/teams/{team['id']}"
    assert len(done(lead.post(here, {"lead": anna.pk}))["members"]) == 2  # what is not sent stays
    shifts = {"user": anna.pk, "weekdays": [0, 1], "starts": "22:00", "ends": "06:00"}
    assert done(lead.post(f"{here}/shifts", shifts), 201)["added"] == 2
    assert done(lead.post(f"{here}/shifts", shifts), 201)["added"] == 0
    wrong(lead.post(f"{here}/shifts", {**shifts, "starts": "25:00"}), "starts")
    day = done(lead.post(f"{here}/days", {"date": "2026-12-31", "note": "Праздник"}), 201)
    assert day["user"] is None
    rota = done(lead.get(f"{here}/duties"))
    assert [one["weekday"] for one in rota["week"]] == [0, 1] and len(rota["days"]) >= 14
    assert done(lead.post(f"/desk/days/{day['id']}/remove")) == {"removed": True}
    pattern = {"user": anna.pk, "turns": "NN--", "starts_on": "2027-01-11", "day_starts": "09:00", "day_ends": "21:00"}
    made = done(lead.post(f"{here}/patterns", pattern), 201)
    assert made["told"] == "2 через 2, ночные" and made["ends_on"] is None
    wrong(lead.post(f"{here}/patterns", pattern), "starts_on")  # one at a time
    wrong(lead.post(f"{here}/patterns", {**pattern, "user": olga.pk, "turns": "AA"}), "turns")
    wrong(lead.post(f"{here}/patterns", {**pattern, "user": olga.pk, "day_ends": None}), "day_ends")
    assert done(lead.post(f"/desk/patterns/{made['id']}", {"ends_on": "2027-02-01"}))["turns"] == "NN--"
    assert [one["ends_on"] for one in done(lead.get(f"{here}/duties"))["patterns"]] == ["2027-02-01"]
    assert done(lead.post(f"/desk/patterns/{made['id']}/remove")) == {"removed": True}
    assert done(lead.post(f"/desk/shifts/{rota['week'][0]['id']}/remove")) == {"removed": True}
    first = timezone.localdate() + timedelta(days=5)
    away = {"user": anna.pk, "starts_on": first.isoformat(), "ends_on": first.isoformat(), "substitute": olga.pk}
    absence = done(lead.post("/desk/absences", away), 201)
    assert told(lead.post("/desk/absences", away))["status"] == 422  # the days overlap
    wrong(lead.post(f"/desk/absences/{absence['id']}", {"substitute": anna.pk}), "substitute")
    assert done(lead.post(f"/desk/absences/{absence['id']}", {"note": "Учёба"}))["substitute"]["id"] == olga.pk
    assert [one["id"] for one in done(lead.get("/desk/absences"))["items"]] == [absence["id"]]
    rules = [done(lead.post("/desk/rules", {"team": team["id"], "way": way}), 201)["id"] for way in ("load", "turn")]
    assert [one["id"] for one in done(lead.post(f"/desk/rules/{rules[1]}/move", {"up": True}))["items"]] == rules[::-1]
    assert done(lead.post(f"/desk/rules/{rules[0]}", {"type": "question"}))["way"] == "load"
    assert told(lead.post(f"{here}/remove"))["status"] == 403  # a rule names it
    assert done(lead.post("/desk/escalation", {"untaken_minutes": 30}))["untaken_minutes"] == 30
    asked = lead.post("/desk/dry-runs", {}, Idempotency_Key="d")
    assert done(asked, 202)["report"] == {} and done(lead.get(asked.headers["Location"].removeprefix("/api/v1")))


def test_figures_and_their_files(lead, contact):
    ticket = make_ticket(contact=contact)
    lead.post(f"/desk/requests/{ticket.pk}/close", {"resolution": "solved", "text": "Да."})
    cases.catch_up_all()
    month = f"{timezone.localdate():%Y-%m}"
    report = done(lead.get(f"/quality/figures?period={month}&by=assignee"))
    assert report["total"]["closed"] == 1 and report["rows"][0]["key"] == str(lead.owner.pk)
    assert report["rows"][0]["figures"]["share"] == 100 and report["promise"] is None
    assert done(lead.get(f"/quality/figures?customer={contact.customer_id}"))["promise"]["contract"]
    assert lead.get("/quality/figures?period=2026-13").status_code == 400
    specialist = Program(SpecialistFactory.create())
    assert done(specialist.get(f"/quality/figures?period={month}"))["total"]["closed"] == 0  # his own
    assert done(specialist.get(f"/quality/figures?period={month}&by=assignee&whose=all"))["by"] == "priority"
    point = done(lead.get(f"/quality/trend?period={month}"))["items"][0]
    assert (point["month"], point["closed"], point["in_time"]) == (month, 1, 1)
    assert done(lead.get(f"/quality/requests?period={month}"))["items"][0]["number"] == ticket.pk
    assert done(lead.get("/quality/load"))["running"] == 0
    asked = lead.post("/quality/exports", {"kind": "csv", "period": month}, Idempotency_Key="e")
    export = done(asked, 202)
    assert export["state"] == "waiting" and export["file"] is None
    here = f"/quality/exports/{export['id']}"
    assert lead.get(f"{here}/file").status_code == 404 and specialist.get(here).status_code == 404
    exports.make(export["id"])
    ready = done(lead.get(here))
    assert (ready["state"], ready["total"]) == ("done", 1)
    content = b"".join(lead.get(ready["file"].removeprefix("/api/v1"))).decode("utf-8-sig")
    assert ticket.subject in content
    paper = lead.get(f"/quality/papers/{contact.customer_id}/{month}")
    assert paper.headers["Content-Type"] == "application/pdf" and paper.content.startswith(b"%PDF")


def test_what_a_requester_does_besides(contact):
    requester = Program(contact.user)
    contract = Contract.objects.get(customer=contact.customer)
    floor = FieldDefinition.objects.create(contract=contract, label="Этаж", kind="number", required=True)
    assert [one["id"] for one in done(requester.get("/fields"))["items"]] == [floor.pk]
    body = {"text": "Не печатается.", "impact": "question"}
    wrong(requester.post("/requests", body), f"fields.{floor.pk}")
    wrong(requester.post("/requests", {**body, "fields": [{"field": floor.pk, "value": "x"}]}), "fields.0.value")
    wrong(requester.post("/requests", {**body, "fields": [{"field": 10**9, "value": 1}]}), "fields.0.field")
    made = done(requester.post("/requests", {**body, "fields": [{"field": floor.pk, "value": 3}]}), 201)
    fields = done(requester.get(f"/requests/{made['number']}/fields"))["items"]
    assert [(one["label"], one["value"]) for one in fields] == [("Этаж", "3")]
    complaint = done(requester.post(f"/requests/{made['number']}/complaint", {"text": "Долго."}), 201)
    assert complaint["number"] != made["number"]
    wrong(requester.post(f"/requests/{made['number']}/complaint", {"text": "Снова."}), "text")
