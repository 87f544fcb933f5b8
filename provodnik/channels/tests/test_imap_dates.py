"""When the server took a letter (I1), read from what it says."""

from datetime import UTC, datetime

import pytest

from provodnik.channels.email.imap_client import read_dates


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        (
            b'1 (UID 7 RFC822.SIZE 10 INTERNALDATE "23-Nov-2026 09:12:05 +0300")',
            datetime(2026, 11, 23, 6, 12, 5, tzinfo=UTC),
        ),
        (b'1 (UID 7 INTERNALDATE " 3-nov-2026 00:30:00 -0930")', datetime(2026, 11, 3, 10, 0, tzinfo=UTC)),
        (b'1 (UID 7 INTERNALDATE "31-Feb-2026 09:12:05 +0300")', None),
        (b'1 (UID 7 INTERNALDATE "23-Xyz-2026 09:12:05 +0300")', None),
        (b'1 (UID 7 INTERNALDATE "01-Jan-0001 00:00:00 +1400")', None),
        (b"1 (UID 7 RFC822.SIZE 10)", None),
    ],
)
def test_internaldate(line, moment):
    assert read_dates([line]).get(7) == moment
