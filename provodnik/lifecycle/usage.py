"""The help of the program: which commands there are."""

from __future__ import annotations

from provodnik.lifecycle.words import gettext as _


def commands() -> dict[str, str]:
    """Command → what it does."""
    return {
        "setup": _("asks, checks and prepares everything; may be repeated; --answers FILE, NAME=value, --yes, --show"),
        "start": _("everything: database, its changes, web server, worker"),
        "web": _("only the web server"),
        "worker": _("only the worker of background jobs"),
        "doctor": _("checks the installation; --strict: every record as well; --mend: writes derived values anew"),
        "demo": _("a living demo with invented people, in a folder of its own"),
        "manage": _("a command of Django, for example: manage shell"),
        "version": _("the version"),
    }


OPTIONS = {"doctor": {"--strict", "--mend"}}
OWN_OPTIONS = {"manage", "setup"}  # these read their arguments themselves


def text() -> str:
    width = max(map(len, commands()))
    lines = [_("Usage: provodnik COMMAND"), ""]
    lines += [f"  {name:<{width}}  {does}" for name, does in commands().items()]
    lines += ["", _("Settings are environment variables PROVODNIK_…, described in docs/settings.md.")]
    return "\n".join(lines) + "\n"


def mistakes(found: list[str]) -> str:
    return "\n".join([_("The settings have mistakes:"), *(f"  {mistake}" for mistake in found)]) + "\n"
