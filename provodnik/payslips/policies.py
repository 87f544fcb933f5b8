"""Who opens a payslip: its worker, and the payroll accountant of the organisation that pays. Nobody else: no manager,
no personnel, no administrator, no desk (art. 88 TK: personal data go to whom they concern). `visible_versions(user)` is
the only door: page, file, question and list go through it; what it does not give does not exist (404)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from provodnik.accounts.models import User
from provodnik.core.decisions import YES, Decision, no
from provodnik.payslips.models import PayBatch, PayPack, PayQuestion, PayslipVersion
from provodnik.payslips.states import BatchState, VersionState
from provodnik.people.models import Person, StaffMember
from provodnik.people.policies import staffed
from provodnik.people.states import StaffRole

LATEST = timedelta(days=62)  # a publishing farther ahead is a slip of the finger


def accountant_of(user: User) -> QuerySet[StaffMember]:
    """For which organisations somebody is the payroll accountant."""
    return staffed(user, StaffRole.PAYROLL)


def keeps_payslips(user: User) -> bool:
    return user.is_authenticated and accountant_of(user).exists()


def own_versions(user: User) -> QuerySet[PayslipVersion]:
    """What a worker reads of his own: what was published, every version of it, of each of his places of work, also of
    those that he has left."""
    if not user.is_authenticated or not user.is_active:
        return PayslipVersion.objects.none()
    return PayslipVersion.objects.filter(_own(user))


def kept_versions(user: User) -> QuerySet[PayslipVersion]:
    """What a payroll accountant keeps: all versions of his organisations' payslips."""
    return PayslipVersion.objects.filter(payslip__organisation__in=accountant_of(user).values("organisation_id"))


def visible_versions(user: User) -> QuerySet[PayslipVersion]:
    """The only door to payslips."""
    if not user.is_authenticated or not user.is_active:
        return PayslipVersion.objects.none()
    kept = Q(payslip__organisation__in=accountant_of(user).values("organisation_id"))
    return PayslipVersion.objects.filter(_own(user) | kept)


def _own(user: User) -> Q:
    person = Person.objects.filter(user_id=user.pk).values("pk")
    return Q(state=VersionState.PUBLISHED.value, payslip__employment__person__in=person)


def visible_batches(user: User) -> QuerySet[PayBatch]:
    return PayBatch.objects.filter(organisation__in=accountant_of(user).values("organisation_id"))


def visible_packs(user: User) -> QuerySet[PayPack]:
    return PayPack.objects.filter(batch__in=visible_batches(user))


def visible_questions(user: User) -> QuerySet[PayQuestion]:
    """Those of the accountant's organisations. A worker reads his own beside the line, through `visible_versions`."""
    return PayQuestion.objects.filter(organisation__in=accountant_of(user).values("organisation_id"))


def may_keep(user: User, organisation_id: int) -> Decision:
    if accountant_of(user).filter(organisation_id=organisation_id).exists():
        return YES
    return no(_("Only the payroll accountant of this organisation may do this."))


def may_check(batch: PayBatch) -> Decision:
    if batch.state == BatchState.LOADED.value:
        return YES
    return no(_("There is nothing to check: no new payslips have come."))


def may_schedule(batch: PayBatch) -> Decision:
    if batch.state == BatchState.CHECKED.value:
        return YES
    if batch.state == BatchState.LOADED.value:
        return no(_("Compare the totals first."))
    return no(_("The publishing is decided already."))


def may_unschedule(batch: PayBatch) -> Decision:
    if batch.state == BatchState.SCHEDULED.value:
        return YES
    return no(_("It is being published already, or nothing was decided."))


def fits(when: datetime, *, at: datetime) -> Decision:
    """Whether payslips may be published at this moment. The past means at once."""
    if when - at > LATEST:
        return no(_("This is more than two months ahead."))
    return YES
