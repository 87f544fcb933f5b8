"""Words of consents."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from provodnik.consents.models import Consent
from provodnik.consents.states import About, Did, Heard, Standing, Verdict

# As they stand in the middle of a sentence.
ABOUT = {
    About.DATA.value: gettext_lazy("consent to the processing of personal data"),
    About.KEDO.value: gettext_lazy("consent to electronic documents"),
    About.SIGNATURE.value: gettext_lazy("agreement on a simple electronic signature"),
}
SHORT = {
    About.DATA.value: gettext_lazy("Personal data"),
    About.KEDO.value: gettext_lazy("Electronic documents"),
    About.SIGNATURE.value: gettext_lazy("Electronic signature"),
}
HINTS = {
    About.DATA.value: gettext_lazy("What goes beyond labour law: a photo on the site, a congratulation, a bonus card."),
    About.KEDO.value: gettext_lazy("Orders, applications and notices come here instead of on paper."),
    About.SIGNATURE.value: gettext_lazy("Signing in and a code from a message stand for your signature."),
}
NORMS = {
    About.DATA.value: gettext_lazy("152-FZ, art. 9"),
    About.KEDO.value: gettext_lazy("art. 22.2 of the Labour Code"),
    About.SIGNATURE.value: gettext_lazy("63-FZ, art. 9"),
}
ICONS = {About.DATA.value: "id-card", About.KEDO.value: "file-text", About.SIGNATURE.value: "file-signature"}


def standing(row: Consent | None) -> tuple[str, str, str]:
    """(words, tone, icon)."""
    if row is None:
        return _("not given"), "", "circle-dot"
    match Standing(row.standing):
        case Standing.GIVEN:
            return _("in force"), "success", "circle-check"
        case Standing.REPLACED:
            return _("replaced by another edition"), "", "refresh-cw"
        case Standing.WITHDRAWN:
            return _("taken back"), "warning", "undo-2"
        case _other:
            return _("marked by mistake"), "", "ban"


def heard(row: Consent) -> tuple[str, str, str] | None:
    """What 1C knows of it: (words, tone, icon); None where that is nobody's care."""
    if row.heard == Heard.REFUSED.value:
        return _("1C has not taken it"), "error", "circle-x"
    if row.untold_since is not None:
        return _("1C has not heard of it yet"), "", "clock"
    if row.heard == Heard.TAKEN.value:
        return _("1C knows of it"), "", "check"
    return None


def did(name: str) -> str:
    return {
        Did.MARKED.value: _("Marked as given"),
        Did.SCANNED.value: _("A scan was added"),
        Did.REPLACED.value: _("Replaced by another edition"),
        Did.WITHDRAWN.value: _("Revoked"),
        Did.MISTAKE.value: _("Marked by mistake"),
        Did.TAKEN.value: _("1C has taken it"),
        Did.REFUSED.value: _("1C has not taken it"),
        Did.AGAIN.value: _("To be told to 1C once more"),
        Did.ERASED.value: _("Scan and words were erased"),
    }[name]


def verdict(name: str) -> tuple[str, str]:
    """(words, tone)."""
    return {
        Verdict.MARKED.value: (_("marked"), "success"),
        Verdict.REPLACED.value: (_("marked, the edition of before is replaced"), "success"),
        Verdict.ALREADY.value: (_("was marked already"), ""),
        Verdict.EARLIER.value: (_("not marked: what is in force was given later than this day"), "warning"),
        Verdict.OWN.value: (_("not marked: nobody marks his own"), "warning"),
        Verdict.STRANGER.value: (_("not marked: does not work in this organisation"), "warning"),
    }[name]


def marked(row: Consent) -> str:
    return _("Personnel has marked that you gave: %(what)s") % {"what": ABOUT[row.about]}


def ended(row: Consent) -> str:
    what = {"what": ABOUT[row.about]}
    if row.standing == Standing.MISTAKE.value:
        return _("Personnel has marked as a mistake: %(what)s") % what
    return _("Personnel has marked that you took back: %(what)s") % what


def withdrawn_by(row: Consent) -> str:
    return _("%(who)s has taken back: %(what)s") % {"who": row.person.full_name, "what": ABOUT[row.about]}


def refused_by_1c(about: str) -> str:
    return _("1C has not taken some of what it was told: %(what)s") % {"what": ABOUT[about]}


LISTS = (
    ("missing", gettext_lazy("Not given")),
    ("older", gettext_lazy("An older edition")),
    ("given", gettext_lazy("Given")),
    ("withdrawn", gettext_lazy("Revoked")),
    ("refused", gettext_lazy("1C has not taken it")),
)
