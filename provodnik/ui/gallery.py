"""What the gallery shows: made-up people and figures, long on purpose."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from provodnik.core.parts import NavItem

NAME = "Константинопольская-Рождественская Александра Вячеславовна"
AGENT = "Верхоглядов-Заозёрский Иннокентий Мстиславович"
IMPACTS = [
    ("all", "Не работает ничего и ни у кого"),
    ("write", "Не могу внести данные или работать в разделе"),
    ("read", "Не могу получить данные из раздела"),
    ("ask", "Вопрос или пожелание"),
]
IMPACT_HINTS = {
    "all": "Портал не открывается или вот-вот встанет",
    "write": "Остальное открывается",
    "read": "Например, не открывается листок",
    "ask": "Как сделать, медленно, неудобно",
}


NAV = [
    NavItem("Главная", "#1", "house"),
    NavItem("Заявления", "#2", "file-text", counter=2, counter_label="ждут вас"),
    NavItem("Отпуск и отсутствия", "#3", "calendar-days", short="Отпуск"),
    NavItem("Зарплата", "#4", "wallet"),
    NavItem("Обратная связь", "#5", "life-buoy", current=True, short="Поддержка"),
]
DESK_NAV = [
    NavItem("Все мои", "#1", "user", current=True, counter=10, group="Мои"),
    NavItem("Получен ответ", "#2", "corner-up-left", counter=2, tone="warning", group="Мои"),
    NavItem("Срок меньше 2\u00a0ч", "#3", "timer", counter=1, tone="error", group="Мои"),
    NavItem("Уточнение", "#4", "circle-pause", counter=3, group="Мои"),
    NavItem("Новые", "#5", "inbox", counter=12, group="Общие"),
    NavItem("Без исполнителя", "#6", "circle-dashed", counter=4, group="Общие"),
    NavItem("Качество", "#7", "chart-column", group="Ещё"),
    NavItem("Организации", "#8", "building-2", group="Ещё"),
]


class SampleForm(forms.Form):
    """One field of each kind."""

    impact = forms.ChoiceField(label="Как это мешает работе", choices=IMPACTS, widget=forms.RadioSelect)
    bik = forms.CharField(label="БИК банка", help_text="9 цифр, начинается с 04. Есть в приложении банка")
    text = forms.CharField(
        label="Расскажите подробнее",
        help_text="Что делали, что ждали увидеть, что получилось",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    resolution = forms.ChoiceField(
        label="Резолюция", choices=[("fixed", "Решена"), ("declined", "Отказано в выполнении")]
    )
    ways = forms.MultipleChoiceField(
        label="Как сообщать",
        choices=[("mail", "Письмом"), ("telegram", "В Telegram")],
        widget=forms.CheckboxSelectMultiple,
    )
    foreign = forms.BooleanField(
        label="Это чужой телефон", help_text="Выйдем через 5 минут и ничего на нём не оставим", required=False
    )

    def clean_bik(self) -> str:
        """The bank code of the example is always one digit short."""
        raise ValidationError(_("A bank code has 9 digits, you have typed 8"))


def context(now: datetime) -> dict[str, Any]:
    """Everything the gallery's templates show at the moment `now`."""
    return {
        "now": now,
        "nav": NAV,
        "person": {"name": NAME, "place": "Чистая вода — Верхнереченск", "url": "#"},
        "notices_url": "#",
        "unread": 3,
        "name": NAME,
        "agent": AGENT,
        "impact_hints": IMPACT_HINTS,
        "form": SampleForm(initial={"impact": "write"}, auto_id="free_%s"),
        "wrong": SampleForm({"bik": "04452500", "text": "Пропадают показания", "resolution": "fixed"}),
        "standing": [("ran", 158), ("stood", 135), ("left", 1282)],
        "standing_rows": [
            {"kind": "ran", "label": "Работали", "value": "2\u00a0ч\u00a038\u00a0мин"},
            {"kind": "stood", "label": "Часы стоят, это не в\u00a0счёт", "value": "2\u00a0ч\u00a015\u00a0мин"},
            {"kind": "left", "label": "Осталось на\u00a0решение", "value": "21\u00a0ч\u00a022\u00a0мин"},
        ],
        "running": [("ran", 160), ("stood", 140), ("ran", 10), ("left", 900)],
        "late": [("ran", 1440), ("over", 95)],
        "short_left": [("ran", 1330), ("stood", 20), ("left", 90)],
        "done": [("ran", 600), ("stood", 60)],
        "now_soon": now + timedelta(hours=3, minutes=20),
        "yesterday": now - timedelta(days=1, hours=2),
        "last_year": now - timedelta(days=370),
        "just": now - timedelta(minutes=6),
        "late_at": now - timedelta(minutes=95),
    }
