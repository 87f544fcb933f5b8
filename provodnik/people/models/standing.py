"""Who stands where: heads of units, managers of single people, deputies, and roles for one organisation. All dated."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import Func, Q

from provodnik.people.models.persons import Employment
from provodnik.people.models.structure import Organisation, Unit
from provodnik.people.states import DecisionKind, StaffRole


class _Days(Func):
    function = "daterange"
    output_field = DateRangeField()


def _days() -> _Days:
    return _Days("starts_on", "ends_on", RangeBoundary(inclusive_lower=True, inclusive_upper=True))


def _in_order(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")), name=name)


class UnitHead(models.Model):
    """Who heads a unit from a day to a day: the manager of its people, and of the heads of the units under it."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="heads")
    employment = models.ForeignKey(Employment, on_delete=models.CASCADE, related_name="headed")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    source = models.CharField(max_length=4)

    class Meta:
        constraints = [
            _in_order("head_ends_after_start"),
            ExclusionConstraint(
                name="one_head_at_a_time",
                expressions=[(_days(), RangeOperators.OVERLAPS), ("unit", RangeOperators.EQUAL)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.employment_id}"


class ManagerLink(models.Model):
    """A manager of one person's place of work; it goes before the head of the unit."""

    employment = models.ForeignKey(Employment, on_delete=models.CASCADE, related_name="managers")
    manager = models.ForeignKey(Employment, on_delete=models.CASCADE, related_name="managed")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    source = models.CharField(max_length=4)

    class Meta:
        constraints = [
            _in_order("manager_ends_after_start"),
            models.CheckConstraint(condition=~Q(employment=models.F("manager")), name="nobody_is_his_own_manager"),
            ExclusionConstraint(
                name="one_manager_at_a_time",
                expressions=[(_days(), RangeOperators.OVERLAPS), ("employment", RangeOperators.EQUAL)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employment_id} {self.manager_id}"


class Deputy(models.Model):
    """Who decides for whom, from a day to a day, and in which kinds of decision. Payslips are none of them: the
    database holds the list of words itself."""

    manager = models.ForeignKey(Employment, on_delete=models.CASCADE, related_name="deputies")
    deputy = models.ForeignKey(Employment, on_delete=models.CASCADE, related_name="deputised")
    kinds = ArrayField(models.CharField(max_length=12))
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="always: a deputy for ever is a manager")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["deputy", "-ends_on"], name="deputy_of")]
        constraints = [
            _in_order("deputy_ends_after_start"),
            models.CheckConstraint(condition=~Q(manager=models.F("deputy")), name="nobody_is_his_own_deputy"),
            models.CheckConstraint(
                condition=Q(kinds__contained_by=[kind.value for kind in DecisionKind], kinds__len__gt=0),
                name="deputy_kinds_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.manager_id} {self.deputy_id}"


class StaffMember(models.Model):
    """That a user is personnel (HR) or the payroll accountant of an organisation."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="staff_of")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="staff")
    role = models.CharField(max_length=8, choices=[(one.value, one.value) for one in StaffRole])
    since = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation", "role"], name="staff_once"),
            models.CheckConstraint(condition=Q(role__in=[one.value for one in StaffRole]), name="staff_role_known"),
        ]

    def __str__(self) -> str:
        return self.role
