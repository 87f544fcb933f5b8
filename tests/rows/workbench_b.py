"""Drafts, answers on their way, prepared answers, views and preferences of the workbench."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from provodnik.desk.models import Macro, SavedView, Unsent
from tests.rowwords import BOTH, DESK, POST, Row, to, work
from tests.world import CANARY_NOTE, MISSING, World

THING_OF_THE_DESK = {"there": DESK, "missing": ()}

ROWS: dict[str, Row] = {
    "desk:drafts": to(DESK),
    "desk:palette": to(DESK),
    "desk:draft": work(POST),
    "desk:drop_draft": work(POST),
    "desk:recall": work(POST),
    "desk:choose_macro": work(),
    "desk:apply_macro": work(POST),
    "desk:macros": to(DESK),
    "desk:new_macro": to(DESK, BOTH),
    "desk:macro": Row(BOTH, THING_OF_THE_DESK),
    "desk:remove_macro": Row(POST, THING_OF_THE_DESK),
    "desk:preferences": to(DESK, BOTH),
    "desk:views": to(DESK),
    "desk:new_view": to(DESK, BOTH),
    "desk:view": Row(BOTH, THING_OF_THE_DESK),
    "desk:move_view": Row(POST, THING_OF_THE_DESK),
    "desk:remove_view": Row(POST, THING_OF_THE_DESK),
}


def things(world: World) -> dict[str, dict[str, dict[str, Any]]]:
    now = timezone.now()
    macro = Macro.objects.create(title=f"Шаблон {CANARY_NOTE}", text=CANARY_NOTE, changed_at=now)
    deed = Macro.objects.create(title="Мне", assign="me", changed_at=now)
    specialist = world.people["specialist"]
    assert specialist is not None
    held = Unsent.objects.create(ticket=world.own, user=specialist, text=CANARY_NOTE, changed_at=now, release_at=now)
    own, foreign = {"number": world.own.pk}, {"number": world.foreign.pk}
    missing = {"number": MISSING}
    plain = {"own": own, "foreign": foreign, "missing": missing}
    view = SavedView.objects.create(name=f"Вид {CANARY_NOTE}", query={"view": "open"}, changed_at=now)
    of_view = {"there": {"pk": view.pk}, "missing": {"pk": MISSING}}
    of_macro = {"there": {"pk": macro.pk}, "missing": {"pk": MISSING}}
    found: dict[str, dict[str, dict[str, Any]]] = {
        "desk:recall": {name: {**one, "unsent": held.pk} for name, one in plain.items()},
        "desk:apply_macro": {name: {**one, "pk": deed.pk} for name, one in plain.items()},
        "desk:macro": of_macro,
        "desk:remove_macro": of_macro,
        "desk:view": of_view,
        "desk:move_view": of_view,
        "desk:remove_view": of_view,
    }
    for route in ("draft", "drop_draft", "choose_macro"):
        found[f"desk:{route}"] = plain
    return found
