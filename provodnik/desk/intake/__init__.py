"""Letters become requests and replies: understood in a limited process, settled in one transaction each (I10).

A letter that cannot be understood or settled is put into quarantine, whole, for a specialist to look at and retry;
the others go on. Who calls: the jobs of provodnik.desk.schedule and the page of quarantine; each room by itself:
settling > deciding > reports, words, around; reading.
"""

from provodnik.desk.intake.reading import REASONS
from provodnik.desk.intake.settling import accept, accept_all, retry, take_raw
from provodnik.desk.intake.words import clean_subject

__all__ = ["REASONS", "accept", "accept_all", "clean_subject", "retry", "take_raw"]
