"""Articles for tests, made by the real actions."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from provodnik.accounts.models import User
from provodnik.articles.actions import publishing, writing
from provodnik.articles.models import Article
from provodnik.articles.states import Audience
from provodnik.desk.actions.base import NewFile
from provodnik.desk.tests.factories import NOW, LeadFactory

# A grey dot of one pixel: the smallest true PNG.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010800000000"
    "3a7e9b550000000a49444154789c63f80f0001010100b138f6140000000049454e44ae426082"
)
STEPS = "Чтобы сменить пароль:\n\n1. Откройте «Профиль».\n2. Нажмите «Сменить пароль».\n3. Введите новый дважды."


def make_draft(title: str = "Как сменить пароль", text: str = STEPS, *, by: User | None = None, at: datetime = NOW,
               summary: str = "", keywords: str = "", **facts: Any) -> Article:  # fmt: skip
    copy = writing.Copy(title, text, summary, keywords)
    return writing.start(copy, writing.Settings(**facts), key=uuid.uuid4(), by=by or LeadFactory.create(), at=at)


def make_article(title: str = "Как сменить пароль", text: str = STEPS, *, by: User | None = None, at: datetime = NOW,
                 files: list[NewFile] | None = None, **facts: Any) -> Article:  # fmt: skip
    """A published article."""
    by = by or LeadFactory.create()
    article = make_draft(title, text, by=by, at=at, **facts)
    if files:
        writing.attach(article.pk, files, by=by, at=at)
    publishing.publish(article.pk, by=by, at=at)
    return Article.objects.select_related("published").get(pk=article.pk)


def for_customers(*customers: Any) -> dict[str, Any]:
    return {"audience": Audience.CUSTOMERS, "customers": customers}
