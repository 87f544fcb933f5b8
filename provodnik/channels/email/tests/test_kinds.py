"""Robots, lists, reports, and whom our own server vouches for."""

import pytest

from provodnik.channels.email import Verdict, understand

from .letters import letter, multipart, part


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated (vacation)",
        "Auto-Submitted: auto-notified; owner-email=x@y.example",
        "Precedence: bulk",
        "Precedence: junk",
        "Precedence: auto_reply",
        "X-Auto-Response-Suppress: All",
        "X-Auto-Response-Suppress: DR, OOF, AutoReply",
        "X-Autoreply: yes",
        "X-Autorespond: x",
        "Return-Path: <>",
        "X-Failed-Recipients: a@x.example",
    ],
)
def test_robots(header):
    one = understand(letter("x", header))
    assert one.is_automatic and not one.may_answer


@pytest.mark.parametrize(
    "subject", ["Автоответ: вода", "Out of office: re", "Automatic reply: вода", "Автоматический ответ: вода"]
)
def test_robots_by_subject(subject):
    assert understand(letter("x", subject=subject)).is_automatic


@pytest.mark.parametrize(
    "header",
    ["Auto-Submitted: no", "Precedence: normal", "X-Auto-Response-Suppress: RN", "Return-Path: <ivan@voda.example>"],
)
def test_people(header):
    one = understand(letter("x", header))
    assert not one.is_automatic and one.may_answer


@pytest.mark.parametrize(
    "header",
    ["List-Id: <l.x.example>", "Precedence: list", "Mailing-List: contact x", "List-Unsubscribe: <https://x.example>"],
)
def test_lists(header):
    one = understand(letter("x", header))
    assert one.is_list and not one.may_answer


@pytest.mark.parametrize("sender", ["MAILER-DAEMON@x.example", "postmaster@x.example"])
def test_daemons_are_robots(sender):
    raw = letter("x").replace("Иван Петров <ivan@voda.example>".encode(), sender.encode())
    assert understand(raw).is_automatic


@pytest.mark.parametrize(
    "sender", ["no-reply@x.example", "noreply@x.example", "do-not-reply@x.example", "bounces+a=b@x.example"]
)
def test_nobody_reads_there(sender):
    raw = letter("x").replace("Иван Петров <ivan@voda.example>".encode(), sender.encode())
    assert not understand(raw).may_answer


REPORT = """Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; Anna@Voda.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {code}
 <anna@voda.example>: user unknown
"""


def report(action: str, status: str, code: str) -> bytes:
    parts = [
        part("Письмо не доставлено."),
        part(REPORT.format(action=action, status=status, code=code), "message/delivery-status"),
        part("Message-ID: <ours@desk.example>\r\nSubject: x\r\n\r\ny", "message/rfc822"),
    ]
    return multipart(parts, "report; report-type=delivery-status")


def test_delivery_report():
    one = understand(report("failed", "5.1.1", "550 5.1.1"))
    assert one.is_bounce and one.is_automatic and not one.may_answer and one.bounce is not None
    assert (one.bounce.recipients, one.bounce.status, one.bounce.permanent) == (("anna@voda.example",), "5.1.1", True)
    assert one.bounce.original_ids == ("<ours@desk.example>",) and "user unknown" in one.bounce.diagnostic


def test_delay_is_not_permanent():
    bounce = understand(report("delayed", "4.4.1", "451")).bounce
    assert bounce is not None and bounce.delayed and not bounce.permanent


@pytest.mark.parametrize(
    ("subject", "body", "status"),
    [
        ("Mail delivery failed", "could not be delivered.\n\n  anna@voda.example\n    550 No such user", "5.0.0"),
        ("Undelivered Mail Returned to Sender", "<anna@voda.example>: host mx said: 550 5.1.1 User unknown", "5.1.1"),
        ("failure notice", "Hi. This is qmail.\n<anna@voda.example>:\nSorry, no mailbox. (#5.1.1)", "5.1.1"),
        ("Недоставленное", "Не может быть доставлено.\n\n  anna@voda.example\n\n552 5.2.2 ящик переполнен", "5.2.2"),
    ],
)  # fmt: skip
def test_reports_in_words(subject, body, status):
    tail = "\n\n------ This is a copy of the message, including all the headers. ------\n\n"
    tail += "Message-ID: <ours@desk.example>\nTo: other@x.example"
    raw = letter(body + tail, "Return-Path: <>", subject=subject)
    raw = raw.replace("Иван Петров <ivan@".encode(), b"Mail Delivery System <MAILER-DAEMON@")
    bounce = understand(raw).bounce
    assert bounce is not None
    assert (bounce.recipients, bounce.status, bounce.permanent) == (("anna@voda.example",), status, True)
    assert bounce.original_ids == ("<ours@desk.example>",)


def test_complaint_is_a_report_without_a_failure():
    parts = [part("Жалоба"), part("Feedback-Type: abuse", "message/feedback-report")]
    bounce = understand(multipart(parts, "report; report-type=feedback-report")).bounce
    assert bounce is not None and not bounce.permanent and bounce.recipients == ()


def test_a_person_who_writes_about_delivery_is_no_report():
    one = understand(letter("Письмо не доставлено, почему?", subject="Ошибка доставки писем"))
    assert not one.is_bounce and one.may_answer


def test_read_receipt_is_automatic_and_no_bounce():
    one = understand(
        multipart([part("Прочитано"), part("Disposition: displayed", "message/disposition-notification")], "report")
    )
    assert one.is_automatic and not one.is_bounce


def verdict(*headers: str, ids: tuple[str, ...] = ("mx.desk.example",)) -> Verdict:
    return understand(letter("x", *headers), authserv_ids=ids).verdict


OURS = "Authentication-Results: mx.desk.example; "


@pytest.mark.parametrize(
    ("results", "authenticated"),
    [
        ("dmarc=pass header.from=voda.example", True),
        ("dmarc=pass (p=none dis=none) header.from=voda.example; spf=pass smtp.mailfrom=x@voda.example", True),
        ("spf=pass smtp.mailfrom=bounce@voda.example", True),
        ("spf=pass smtp.mailfrom=bounce.voda.example", True),
        ("dkim=pass header.d=voda.example", True),
        ("dkim=pass header.i=@mail.voda.example", True),
        ("dkim=fail header.d=voda.example; dkim=pass header.d=voda.example", True),
        ("spf=pass smtp.mailfrom=evil.example", False),
        ("dkim=pass header.d=evil.example", False),
        ("dkim=pass header.d=example", False),
        ("dkim=pass header.d=evilvoda.example", False),
        ("dmarc=pass header.from=evil.example", False),
        ("dmarc=fail header.from=voda.example; spf=pass smtp.mailfrom=voda.example", False),
        ("spf=softfail smtp.mailfrom=voda.example", False),
        ("none", False),
        ("spf=pass (dkim=pass header.d=voda.example) smtp.mailfrom=evil.example", False),
    ],
)
def test_authentication(results, authenticated):
    assert verdict(OURS + results).authenticated is authenticated


def test_details_of_a_verdict():
    found = verdict(OURS + "dmarc=pass header.from=voda.example; spf=softfail; dkim=PASS header.d=voda.example")
    assert found == Verdict("softfail", "pass", "pass", True, "voda.example", "mx.desk.example")


def test_only_our_own_server_is_believed():
    forged = "Authentication-Results: evil.example; dmarc=pass header.from=voda.example"
    assert verdict(forged) == Verdict()
    assert verdict(OURS + "dmarc=pass header.from=voda.example", ids=()) == Verdict()
    # The topmost of ours wins: what is below came with the letter.
    both = verdict(OURS + "dmarc=fail header.from=voda.example", OURS + "dmarc=pass header.from=voda.example")
    assert both.dmarc == "fail" and not both.authenticated


def test_two_senders_are_not_authenticated():
    raw = letter("x", OURS + "dmarc=pass header.from=voda.example").replace(
        b"ivan@voda.example>", b"ivan@voda.example>, e@evil.example", 1
    )
    assert not understand(raw, authserv_ids=["mx.desk.example"]).verdict.authenticated
