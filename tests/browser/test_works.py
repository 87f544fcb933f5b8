"""Works in a browser: pages in both themes and sizes; an incident from a request to the common answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from provodnik.accounts.models import User
from provodnik.desk.tests.factories import (
    LeadFactory,
    SignedInContactFactory,
    SubsystemFactory,
    make_ticket,
)
from provodnik.works.actions import leading, tying
from provodnik.works.models import Answering, AnswerLine, Work
from provodnik.works.tests.factories import make_incident

pytestmark = pytest.mark.browser
LONG = "Не открываются листки и справки работников Верхнереченского водопроводно-канализационного хозяйства"


@pytest.fixture
def lead(page: Page, sign_in: Any) -> User:
    user: User = LeadFactory.create(full_name="Светлова-Милорадова Галина Константиновна")
    sign_in(page, user)
    return user


@pytest.fixture
def incident(lead: User) -> Work:
    now = timezone.now()
    section = SubsystemFactory.create(name="Расчётные листки")
    work = make_incident(by=lead, at=now - timedelta(hours=2), title=LONG, public=True, subsystems=[section])
    leading.report(work.pk, text="Нашли причину.", by=lead, at=now - timedelta(hours=1))
    return work


def test_a_form_with_errors_looks_right(page: Page, lead: User, look: Any) -> None:
    page.goto("/works/new")
    page.get_by_role("button", name="Сохранить черновик").click()
    look(page, "works-form-error")


def test_two_taps_tie_and_one_text_answers(page: Page, lead: User, incident: Work) -> None:
    ticket = make_ticket(at=timezone.now())
    page.goto(f"/desk/{ticket.pk}")
    facts = page.get_by_role("complementary", name="Об обращении")
    facts.get_by_text("Работы и аварии").click()
    facts.get_by_role("button", name="Привязать").click()
    expect(facts.get_by_role("button", name="Отвязать")).to_be_visible()
    page.get_by_role("button", name="Убрать").click()
    expect(page.locator(".banner-line")).to_have_count(0)
    facts.get_by_role("link", name=LONG).click()
    page.get_by_label("Что прочитают заявители").fill("Починили, проверьте.")
    page.get_by_label("А сами обращения").select_option("solved")
    page.get_by_role("button", name="Ответить на 1 обращение").click()
    page.get_by_role("button", name="Да").click()
    expect(page.get_by_text("Отвечаем на обращения")).to_be_visible()
    tying.answer(Answering.objects.get().pk)
    expect(page.get_by_text("Отвечено и закрыто разом")).to_be_visible()
    assert AnswerLine.objects.get().verdict == "closed"


def test_we_know_already(page: Page, lead: User, incident: Work, sign_in: Any) -> None:
    sign_in(page, SignedInContactFactory.create().user)
    page.goto("/requests/new/")
    known = page.get_by_text("Уже знаем:")
    expect(known).to_have_count(0)
    page.get_by_label("Раздел портала").select_option(label="Расчётные листки")
    expect(known).to_be_visible()
