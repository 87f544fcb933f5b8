"""Tables of payslips."""

from provodnik.payslips.models.batches import PayBatch, PayEvent, PayPack
from provodnik.payslips.models.slips import PayLook, PayQuestion, Payslip, PayslipVersion

__all__ = ["PayBatch", "PayEvent", "PayLook", "PayPack", "PayQuestion", "Payslip", "PayslipVersion"]
