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
        "database": _(
            "only the private PostgreSQL, for services that are restarted one by one; --which: tells its version"
        ),
        "doctor": _("checks the installation; --strict: every record as well; --mend: writes derived values anew"),
        "check": _("tries mail, directories, 1C, messages, webhooks … one by one; names of them, --to ADDRESS, --list"),
        "support-bundle": _(
            "a file for support without names and secrets, shown before it is written; --to FILE, --yes, --no-database"
        ),
        "backup": _("database and files of one instant into one file, read back; --to, --encrypt-to, --keep, --prove"),
        "backup-key": _("makes the pair of keys for encrypted backups"),
        "restore": _("a backup becomes an installation, in quarantine; FILE, --key, --data-dir, --database-url"),
        "upgrade": _("to the release of a distributive; FILE, --check: is all ready; --estimate: how long it takes"),
        "rollback": _("back to the release before the last upgrade"),
        "release-quarantine": _("lets a restored copy send and fetch again"),
        "manual": _("the manuals as PDF files; --to FOLDER, --day of the release"),
        "demo": _("a living demo with invented people, in a folder of its own"),
        "manage": _("a command of Django, for example: manage shell"),
        "version": _("the version"),
    }


OPTIONS = {"doctor": {"--strict", "--mend", "--json"}, "database": {"--which"}}
# These read their arguments themselves.
OWN_OPTIONS = {
    "manage",
    "manual",
    "setup",
    "check",
    "support-bundle",
    "backup",
    "backup-key",
    "restore",
    "upgrade",
    "rollback",
    "release-quarantine",
}


# These tell of themselves, too: Django, and those whose options have words of their own (lifecycle.arguments).
OWN_HELP = {"manage", "backup", "backup-key", "restore", "upgrade", "rollback", "release-quarantine"}


def of(command: str) -> str:
    """The help of one command: what it does and what it takes."""
    return _("Usage: provodnik %(command)s") % {"command": command} + f"\n\n  {commands()[command]}\n"


def text() -> str:
    width = max(map(len, commands()))
    lines = [_("Usage: provodnik COMMAND"), ""]
    lines += [f"  {name:<{width}}  {does}" for name, does in commands().items()]
    lines += ["", _("Settings are environment variables PROVODNIK_…, described in docs/settings.md.")]
    return "\n".join(lines) + "\n"


def mistakes(found: list[str]) -> str:
    return "\n".join([_("The settings have mistakes:"), *(f"  {mistake}" for mistake in found)]) + "\n"
