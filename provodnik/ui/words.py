"""Words that the script needs: they come from the catalogues like all others and reach it as JSON in the page."""

from __future__ import annotations

from django.utils.translation import gettext as _


def script_words() -> dict[str, str]:
    """Texts for assets/app.js by key. `{…}` are the script's placeholders."""
    return {
        "lessThanMinute": _("less than a minute"),
        "minutes": _("{minutes} min"),
        "hours": _("{hours} h"),
        "hoursMinutes": _("{hours} h {minutes} min"),
        "justNow": _("just now"),
        "ago": _("{duration} ago"),
        "left": _("{duration} left"),
        "overdue": _("overdue by {duration}"),
        "draftSaved": _("Draft saved at {time}"),
        "draftRestored": _("We put back what you had typed before"),
        "close": _("Close"),
        "undo": _("Undo"),
        "removed": _("Removed: {name}"),
        "removeFile": _("Remove {name}"),
        "tooBig": _("{name} is {size}, and one file may be up to {limit}. Make it smaller or send it in parts."),
        "tooMany": _("Up to {limit} files can be sent at once. Not added: {name}."),
        "emptyFile": _("{name} is empty, so it was not added."),
        "twice": _("{name} is already in the list."),
        "pasted": _("screenshot"),
        "bytes": _("{size} B"),
        "kilobytes": _("{size} KB"),
        "megabytes": _("{size} MB"),
        "noConnection": _("No connection. What you typed is kept, try again."),
        "failed": _("That did not work. What you typed is kept, try again in a minute."),
        "tooOften": _("Too many attempts in a row. Wait a minute and try again."),
        "signedOut": _("You have been signed out. Open the sign-in page in a new tab, then come back and repeat."),
        "freshRequests": _("New here: {count}. Show"),
        "show": _("Show"),
        "gone": _("This is no longer here. Refresh the page."),
    }
