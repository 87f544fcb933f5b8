"""Shift patterns that are no week."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from provodnik.desk import cycle_words, duty_cycles
from provodnik.desk.forms.administration.fields import DateField, ToldInWords
from provodnik.desk.forms.administration.teams import clock_field, person_field
from provodnik.desk.models import DutyCycle

OWN = "own"
LONGEST_TYPED = 4 * duty_cycles.LONGEST  # letters with what stands between them


class CycleForm(ToldInWords):
    user = person_field(_("Who"), empty_label=_("Choose a person"))
    pattern = forms.ChoiceField(label=_("Pattern"), widget=forms.RadioSelect())
    own = forms.CharField(
        label=_("Its days"),
        required=False,
        max_length=LONGEST_TYPED,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "For a pattern of one's own: D is a day, N a night, A round the clock, - a day off; for example DD--NN--."
        ),
    )
    starts_on = DateField(
        label=_("First day of the pattern"),
        help_text=_("Its first duty is on this date; from here it repeats by calendar days, over holidays too."),
    )
    ends_on = DateField(label=_("Until"), required=False, help_text=_("This day included. Empty: without an end."))
    day_starts = clock_field(
        _("A day duty begins"), help_text=_("A night one ends then; one round the clock begins and ends.")
    )
    day_ends = clock_field(_("A day duty ends"), required=False, help_text=_("A night one begins then."))

    class Meta:
        model = DutyCycle
        fields = ["user", "starts_on", "ends_on", "day_starts", "day_ends"]

    FIRST: ClassVar[dict[str, Any]] = {"pattern": duty_cycles.TWO_DAYS, "day_starts": "08:00", "day_ends": "20:00"}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        pattern = self.fields["pattern"]
        assert isinstance(pattern, forms.ChoiceField)
        pattern.choices = [*cycle_words.NAMES.items(), (OWN, _("Another"))]
        turns = self.instance.turns
        if not turns:
            self.initial.update(self.FIRST)
        elif turns in cycle_words.NAMES:
            self.initial["pattern"] = turns
        else:
            self.initial.update(pattern=OWN, own=cycle_words.typed(turns))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "pattern" in cleaned and "own" in cleaned:
            self._read_turns(cleaned)
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("It ends before it begins."))
        return cleaned

    def _read_turns(self, cleaned: dict[str, Any]) -> None:
        own = cleaned["pattern"] == OWN
        turns = cycle_words.read(cleaned["own"]) if own else cleaned["pattern"]
        fault = duty_cycles.wrong(turns)
        if fault is not None:
            self.add_error("own", cycle_words.why(fault))
            return
        self.instance.turns = turns
        if not duty_cycles.needs_evening(turns):
            cleaned["day_ends"] = None
        elif "day_ends" in cleaned and "day_starts" in cleaned:
            if cleaned["day_ends"] is None:
                self.add_error("day_ends", _("Write at what hour a day duty gives over to a night one."))
            elif cleaned["day_ends"] <= cleaned["day_starts"]:
                self.add_error("day_ends", _("A day duty ends later than it begins, on the same day."))
