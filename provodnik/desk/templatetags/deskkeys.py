"""What the workbench's script reads of the page: the table of keys, its words, its addresses."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from provodnik.desk import keys

register = template.Library()


@register.simple_tag
def desk_script() -> dict[str, Any]:
    """For data_script: everything that assets/js/desk needs to know."""
    return {
        "keys": keys.told(get_language() or ""),
        "urls": {
            "palette": reverse("desk:palette"),
            "search": reverse("desk:search"),
            "queue": reverse("desk:queue"),
            "people": reverse("desk:people"),
            "bulk": reverse("desk:bulk", args=["assign"]).removesuffix("assign"),
        },
        "words": {
            "keys": _("Keys"),
            "layout": _("The keys work in the Russian layout as well: what counts is the place of the key."),
            "palette": _("Find a request, a view or an action"),
            "macros": _("Prepared answers"),
            "findMacro": _("Find a prepared answer"),
            "noMacros": _("There are no prepared answers yet."),
            "nothing": _("Nothing is found"),
            "offline": _("No connection: requests are not searched."),
            "actions": _("With this request"),
            "pages": _("Views and pages"),
            "requests": _("Requests"),
            "openNumber": _("Open № {number}"),
            "searchFor": _("Search for “{text}” in all requests"),
            "close": _("Close"),
            "recall": _("Take back"),
            "leaving": _("it leaves now…"),
            "inSeconds": _("leaves in {seconds} s"),
            "together": _("Together with sending: {deeds}"),
            "withoutMacro": _("Without it"),
            "draftAt": _("Draft {time}"),
            "draftFailed": _("The draft is kept in this browser alone: no connection"),
            "go": _("then"),
            "chosen": _("Chosen: {count}"),
            "chooseOne": _("Choose № {number}"),
            "chooseAll": _("Choose all shown: {count}"),
            "chooseNone": _("Choose none"),
            "chooseBar": _("With the chosen requests"),
            "bulk_assign": _("Assign"),
            "bulk_priority": _("Priority"),
            "bulk_tags": _("Tags"),
            "bulk_answer": _("Answer"),
            "bulk_close": _("Close"),
            "bulk_merge": _("Merge"),
            "mentions": _("People: {names}. Arrows choose, Enter puts the name in."),
        },
    }
