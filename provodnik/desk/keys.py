"""Everything that a key does on the workbench: one table, read by the script, by the list of keys and by the palette.

A key is its place on the board (`KeyboardEvent.code`), so that the Russian layout works like the Latin one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Key:
    """`codes`: pressed one after another, `Shift+KeyN` and `Ctrl+KeyK` with those. `does`: "call" a function of the
    script, "press" what has this `data-key`, choose a "mode" of the box for answers, "go" to an address (`arg`).
    `palette`: offered in Ctrl+K too. `typing`: works while one types."""

    codes: tuple[str, ...]
    shown: str
    label: str | Promise
    group: str | Promise
    does: str
    arg: str = ""
    icon: str = ""
    palette: bool = True
    typing: bool = False


_LIST, _REQUEST, _WRITING, _GOING, _ALL = (
    _("The list"),
    _("The request"),
    _("Writing"),
    _("Going"),
    _("Everywhere"),
)


def _view(code: str, shown: str, key: str, label: str | Promise) -> Key:
    return Key(
        ("KeyG", code), f"g {shown}", label, _GOING, "go", f"desk:queue?view={key}", "layout-list", palette=False
    )


def _page(code: str, shown: str, route: str, label: str | Promise, icon: str) -> Key:
    return Key(("KeyG", code), f"g {shown}", label, _GOING, "go", route, icon)


KEYS: tuple[Key, ...] = (
    Key(("KeyJ",), "j", _("Next request"), _LIST, "call", "next", palette=False),
    Key(("KeyK",), "k", _("Previous request"), _LIST, "call", "previous", palette=False),
    Key(("KeyO",), "o", _("Open the request"), _LIST, "call", "open", palette=False),
    Key(("KeyX",), "x", _("Choose the request"), _LIST, "call", "choose", palette=False),
    Key(("Shift+KeyX",), "Shift x", _("Choose all that are shown"), _LIST, "call", "chooseAll", palette=False),
    Key(("KeyF",), "f", _("Filters"), _LIST, "press", "f", "sliders-horizontal"),
    Key(("KeyB",), "b", _("Back to the list"), _LIST, "call", "list", "arrow-left", palette=False),
    Key(("KeyT",), "t", _("Take into work"), _REQUEST, "press", "t", "play"),
    Key(("KeyS",), "s", _("Assign"), _REQUEST, "press", "s", "user-check"),
    Key(("KeyP",), "p", _("Change the priority"), _REQUEST, "press", "p", "flag"),
    Key(("KeyY",), "y", _("Change the type"), _REQUEST, "press", "y", "tag"),
    Key(("KeyU",), "u", _("Change the section"), _REQUEST, "press", "u", "layout-list"),
    Key(("KeyE",), "e", _("Address for the closing notice"), _REQUEST, "press", "e", "at-sign"),
    Key(("KeyQ",), "q", _("Whose request it is"), _REQUEST, "press", "q", "building-2"),
    Key(("KeyI",), "i", _("Type and priority are right"), _REQUEST, "press", "i", "check"),
    Key(("KeyD",), "d", _("Tags"), _REQUEST, "press", "d", "tags"),
    Key(("KeyL",), "l", _("Links"), _REQUEST, "press", "l", "link"),
    Key(("KeyM",), "m", _("Merge"), _REQUEST, "press", "m", "merge"),
    Key(("Shift+KeyT",), "Shift t", _("Change the team"), _REQUEST, "press", "T", "users"),
    Key(("Shift+KeyF",), "Shift f", _("Fill in the fields"), _REQUEST, "press", "F", "pencil"),
    Key(("Shift+KeyW",), "Shift w", _("Choose who else is told"), _REQUEST, "press", "W", "users"),
    Key(("Shift+KeyS",), "Shift s", _("Make a request of the newest answer"), _REQUEST, "press", "S", "split"),
    Key(("Shift+KeyE",), "Shift e", _("Told in another way"), _REQUEST, "press", "E", "phone"),
    Key(("KeyW",), "w", _("Watch the request, or not any more"), _REQUEST, "press", "w", "eye"),
    Key(("KeyV",), "v", _("Reopen"), _REQUEST, "press", "v", "rotate-ccw"),
    Key(("KeyZ",), "z", _("Take the answer back"), _REQUEST, "call", "recall", "undo-2", palette=False),
    Key(("KeyH",), "h", _("Next one after closing"), _REQUEST, "press", "h", "arrow-right", palette=False),
    Key(("KeyR",), "r", _("Reply"), _WRITING, "mode", "r", "reply"),
    Key(("KeyN",), "n", _("Note"), _WRITING, "mode", "n", "sticky-note"),
    Key(("KeyA",), "a", _("Ask"), _WRITING, "mode", "a", "message-circle-question"),
    Key(("KeyC",), "c", _("Close"), _WRITING, "mode", "c", "circle-check"),
    Key(("Ctrl+Slash",), "Ctrl /", _("Prepared answer"), _WRITING, "call", "macros", "file-text", typing=True),
    Key(("Ctrl+Enter",), "Ctrl Enter", _("Send what is written"), _WRITING, "call", "send", palette=False, typing=True),
    Key(
        ("Escape",), "Esc", _("Leave the text, close the dialog"), _WRITING, "call", "leave", palette=False, typing=True
    ),
    _view("KeyM", "m", "mine", _("All mine")),
    _view("KeyN", "n", "new", _("New")),
    _view("KeyU", "u", "unassigned", _("Unassigned")),
    _view("KeyW", "w", "answered", _("Answers of users")),
    _view("KeyS", "s", "soon", _("Deadline is near")),
    _view("KeyO", "o", "overdue", _("Overdue")),
    _view("KeyC", "c", "clarification", _("In clarification")),
    _view("KeyA", "a", "open", _("All open")),
    _view("KeyT", "t", "today", _("Closed today")),
    _page("KeyD", "d", "desk:drafts", _("Drafts"), "square-pen"),
    _page("KeyP", "p", "desk:macros", _("Prepared answers"), "file-text"),
    _page("KeyV", "v", "desk:views", _("Views"), "bookmark"),
    _page("KeyX", "x", "desk:bulk_runs", _("Steps for many requests"), "list-checks"),
    _page("KeyB", "b", "notify:index", _("Notifications"), "bell"),
    _page("Comma", ",", "desk:preferences", _("My workbench"), "settings"),
    Key(("Shift+KeyN",), "Shift n", _("New request"), _GOING, "go", "desk:new", "plus"),
    Key(("Slash",), "/", _("Search"), _ALL, "call", "search", "search", palette=False),
    Key(("Ctrl+KeyK",), "Ctrl k", _("Everything by its name"), _ALL, "call", "palette", palette=False, typing=True),
    Key(("Shift+Slash",), "?", _("This list of keys"), _ALL, "call", "help", "keyboard"),
)


def _address(arg: str) -> str:
    route, _mark, query = arg.partition("?")
    return reverse(route) + (f"?{query}" if query else "")


@cache
def _made(language: str) -> list[dict[str, Any]]:
    return [
        {
            "codes": key.codes,
            "shown": key.shown,
            "label": str(key.label),
            "group": str(key.group),
            "does": key.does,
            "arg": _address(key.arg) if key.does == "go" else key.arg,
            "icon": key.icon,
            "palette": key.palette,
            "typing": key.typing,
        }
        for key in KEYS
    ]


def told(language: str) -> list[dict[str, Any]]:
    """The table as the script reads it, in the language that is active."""
    return _made(language)
