"""Who of the desk works together, who is on duty and who is away, and which request goes to whom: all of it data."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from provodnik.desk import cycle_words
from provodnik.desk.assignment import WEIGHTS, Way
from provodnik.desk.duty_cycles import LONGEST
from provodnik.desk.labels import PRIORITIES, TYPES
from provodnik.desk.models.customers import Customer, DateRange, Subsystem
from provodnik.desk.states import Priority
from provodnik.ui import zones

WAYS = [
    (Way.NOBODY.value, _("To nobody: the team's shared queue")),
    (Way.LOAD.value, _("By load: who has the least")),
    (Way.DUTY.value, _("By duty: who is on duty")),
    (Way.TURN.value, _("In turn: who was given one longest ago")),
]


def _weight(priority: Priority) -> models.PositiveSmallIntegerField[int, int]:
    return models.PositiveSmallIntegerField(default=WEIGHTS[priority])


class Team(models.Model):
    """A team of the desk. `zone`: in which its duties and its people's absences are read; the weights say how much an
    open request of a priority counts for a person's load."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="led_teams"
    )
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="TeamMember", through_fields=("team", "user"), related_name="teams"
    )
    zone = models.CharField(_("time zone"), max_length=64, default="Europe/Moscow")
    urgent_weight = _weight(Priority.URGENT)
    high_weight = _weight(Priority.HIGH)
    medium_weight = _weight(Priority.MEDIUM)
    low_weight = _weight(Priority.LOW)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def zone_told(self) -> str:
        return zones.told(self.zone)

    def weights(self) -> dict[Priority, int]:
        return {priority: getattr(self, f"{priority.value}_weight") for priority in Priority}


class TeamMember(models.Model):
    """That a person belongs to a team. `given_at`: when the rules gave him a request last."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    given_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["user__full_name"]
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="team_member_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class DutyShift(models.Model):
    """Who is on duty every week. `weekday`: 0 is Monday, the day on which it begins; an end that is not later than the
    beginning is on the next day (one equal to it is a whole day)."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="shifts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    weekday = models.PositiveSmallIntegerField(_("weekday"))
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("until"))

    class Meta:
        ordering = ["weekday", "starts", "ends", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="duty_weekday"),
            models.UniqueConstraint(fields=["team", "user", "weekday", "starts"], name="duty_once"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts:%H:%M}–{self.ends:%H:%M}"


class DutyCycle(models.Model):
    """Somebody's shift pattern that is no week (desk.duty_cycles): `turns` repeats from `starts_on`, its anchor date.
    `day_ends` is empty where the pattern has neither days nor nights."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="cycles")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    turns = models.CharField(_("pattern"), max_length=LONGEST)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    day_starts = models.TimeField(_("day duty from"))
    day_ends = models.TimeField(_("day duty until"), null=True, blank=True)

    class Meta:
        verbose_name = _("shift pattern")
        ordering = ["user__full_name", "starts_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(turns__regex=r"^[DNA-]*[DNA][DNA-]*$"), name="duty_cycle_letters"),
            models.CheckConstraint(
                condition=Q(day_ends__gt=F("day_starts")) | Q(day_ends__isnull=True, turns__regex=r"^[A-]+$"),
                name="duty_cycle_hours",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="duty_cycle_ends_after_start"
            ),
            ExclusionConstraint(
                name="duty_cycle_one_at_a_time",
                expressions=[
                    (
                        DateRange("starts_on", "ends_on", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                    ("team", RangeOperators.EQUAL),
                    ("user", RangeOperators.EQUAL),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.told}"

    @property
    def told(self) -> str:
        return cycle_words.told(self.turns)


class DutyDay(models.Model):
    """A date whose duties are other than its weekday's: all lines of the date together replace it. Without a person:
    nobody is on duty."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="duty_days")
    date = models.DateField(_("date"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    starts = models.TimeField(_("from"), null=True, blank=True)
    ends = models.TimeField(_("until"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True, default="")

    class Meta:
        ordering = ["date", "starts", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=True, starts__isnull=True, ends__isnull=True)
                | Q(user__isnull=False, starts__isnull=False, ends__isnull=False),
                name="duty_day_whole",
            ),
            models.UniqueConstraint(
                fields=["team", "date", "user", "starts"], name="duty_day_once", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date:%d.%m.%Y}"


class Absence(models.Model):
    """Days on which somebody is away, both included; who stands in for him, if anybody."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="absences")
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(_("note"), max_length=200, blank=True, default="")

    class Meta:
        ordering = ["-starts_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="absence_ends_after_start"),
            models.CheckConstraint(
                condition=Q(substitute__isnull=True) | ~Q(substitute=F("user")), name="absence_not_by_oneself"
            ),
            ExclusionConstraint(
                name="absence_one_at_a_time",
                expressions=[
                    (
                        DateRange("starts_on", "ends_on", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                    ("user", RangeOperators.EQUAL),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.starts_on:%d.%m.%Y}–{self.ends_on:%d.%m.%Y}"


class AssignmentRule(models.Model):
    """Which requests go to which team, and who of it gets them. The first that fits, by `position`; what is not named
    fits any."""

    position = models.PositiveIntegerField(_("order"), default=0)
    subsystem = models.ForeignKey(Subsystem, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    type = models.CharField(max_length=16, choices=TYPES, blank=True, default="")
    priority = models.CharField(max_length=8, choices=PRIORITIES, blank=True, default="")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="rules")
    way = models.CharField(max_length=8, choices=WAYS, default=Way.NOBODY.value)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(way__in=[way.value for way in Way]), name="assignment_way_known")
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.team}"


class Escalation(models.Model):
    """When a request is carried to the lead of its team; the one without a team is for requests that have none, and
    then the leads of the desk are told. What is empty is not done."""

    team = models.OneToOneField(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="escalation")
    percent = models.PositiveSmallIntegerField(
        _("percent of the allowance"), null=True, blank=True, help_text="of counted time (R13)"
    )
    untaken_minutes = models.PositiveIntegerField(
        _("minutes without being taken"), null=True, blank=True, help_text="of counted time since registration"
    )
    urgent_at_once = models.BooleanField(_("urgent ones at once"), default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team"], name="escalation_once", nulls_distinct=False),
            models.CheckConstraint(
                condition=Q(percent__isnull=True) | Q(percent__range=(1, 99)), name="escalation_percent"
            ),
        ]

    def __str__(self) -> str:
        return str(self.team or _("Requests without a team"))


class DryRun(models.Model):
    """«What would have been»: the registrations of some days, put through the rules as they are when the job runs.
    `report`: what came of it, see desk.queries.dry_run."""

    key = models.UUIDField(unique=True, default=uuid.uuid4, help_text="the form that asked for it")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    total = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    report = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.since:%d.%m.%Y}–{self.until:%d.%m.%Y}"
