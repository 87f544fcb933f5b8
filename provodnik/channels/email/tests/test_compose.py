"""Letters of ours: the same each time, readable to others and to ourselves, closed to injected headers."""

import email
import email.policy
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provodnik.channels.email import Address, Attachment, understand
from provodnik.channels.email.compose import NotComposable, compose, html_of

PLAIN = {
    "sender": Address("Служба поддержки", "hd@desk.example"),
    "to": Address("Иван Петров", "ivan@voda.example"),
    "subject": "[#12] Обращение зарегистрировано",
    "text": "Здравствуйте!\n\nВаше обращение: https://desk.example/12?a=1&b=2.\n<b>",
    "message_id": "<a.1@desk.example>",
    "loop_id": "desk-1",
    "date": datetime(2026, 10, 5, 7, tzinfo=UTC),
}


def standard(raw: bytes):
    return email.message_from_bytes(raw, policy=email.policy.default)


def test_the_same_inputs_give_the_same_bytes():
    assert compose(**PLAIN) == compose(**PLAIN)


def test_understood_by_ourselves():
    raw = compose(**PLAIN, in_reply_to="<q@x>", references=["<p@x>", "<q@x>"], reply_to="hd+t1-x@desk.example")
    one = understand(raw)
    assert one.sender == PLAIN["sender"] and one.to == [PLAIN["to"]] and one.subject == PLAIN["subject"]
    assert one.text == PLAIN["text"] and one.date == PLAIN["date"] and one.message_id == "<a.1@desk.example>"
    assert one.is_automatic and not one.may_answer and one.loop_ids == ["desk-1"]
    assert one.references == ["<p@x>", "<q@x>"] and one.in_reply_to == ["<q@x>"]
    assert one.reply_to[0].email == "hd+t1-x@desk.example" and one.notes == []


def test_understood_by_the_standard_library():
    found = standard(compose(**PLAIN))
    assert found.defects == [] and found["subject"] == PLAIN["subject"]
    assert found["from"].addresses[0].display_name == "Служба поддержки"
    assert found.get_body(("plain",)).get_content().replace("\r\n", "\n").rstrip("\n") == PLAIN["text"]
    assert "&lt;b&gt;" in found.get_body(("html",)).get_content()


def test_written_by_a_person():
    one = understand(compose(**PLAIN, auto_submitted=None))
    assert not one.is_automatic and b"Auto-Submitted" not in compose(**PLAIN, auto_submitted=None)
    assert not one.may_answer  # it still carries the loop header


@given(st.text(max_size=300))
def test_any_subject_and_name_make_one_header_each(text):
    """A03: CR, LF, NUL, U+0085 and U+2028 included."""
    evil = f"{text}\r\nBcc: x@evil.example\n\n{text}\x85\u2028X-A: b"
    raw = compose(**(PLAIN | {"subject": evil, "to": Address(evil, "ivan@voda.example"), "loop_id": evil}))
    head = raw.partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if not line.startswith(b" ")]
    assert names == [b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Auto-Submitted", b"X-Auto-Response-Suppress",
                     b"X-Provodnik-Loop", b"MIME-Version", b"Content-Type"]  # fmt: skip
    assert head.isascii() and b"\r" not in head.replace(b"\r\n", b"") and b"\n" not in head.replace(b"\r\n", b"")
    assert max(map(len, head.split(b"\r\n"))) <= 998
    assert [one.email for one in understand(raw).to] == ["ivan@voda.example"]


def test_long_russian_subject_is_folded_in_whole_characters():
    subject = "Не удаётся внести показания общедомового счётчика " * 8
    raw = compose(**(PLAIN | {"subject": subject}))
    head = raw.partition(b"\r\n\r\n")[0]
    assert max(map(len, head.split(b"\r\n"))) <= 78
    assert standard(raw)["subject"] == subject.strip() == understand(raw).subject


@pytest.mark.parametrize("name", ['Иван "Вода"', 'O"Neil, J.', "=?utf-8?q?x?=", "a\\b", "<x@y.example>", "Petrov"])
def test_names_stay_names(name):
    raw = compose(**(PLAIN | {"to": Address(name, "ivan@voda.example")}))
    assert [each.addr_spec for each in standard(raw)["to"].addresses] == ["ivan@voda.example"]
    assert [each.email for each in understand(raw).to] == ["ivan@voda.example"]


@pytest.mark.parametrize(
    "wrong", ["", "a", "a@", "a@b@c", "a@b\r\nBcc: x@y.example", "a b@c.example", "<a@b.example>", "я@b.example"]
)
def test_wrong_addresses_are_refused(wrong):
    with pytest.raises(NotComposable):
        compose(**(PLAIN | {"to": Address("", wrong)}))


def test_russian_domain_goes_as_punycode():
    assert b"<i@xn--e1afmkfd.xn--p1ai>" in compose(**(PLAIN | {"to": Address("И", "i@пример.рф")}))


@pytest.mark.parametrize("wrong", ["a@b", "<a b@c>", "<a@b>\r\nX: y", "<я@b>"])
def test_wrong_message_ids_are_refused(wrong):
    with pytest.raises(ValueError):
        compose(**(PLAIN | {"message_id": wrong}))


def test_wrong_references_are_left_out_and_many_are_capped():
    references = ["no", "<x y@z>", "<a@b>\r\nBcc: x@y", *(f"<{n}@x>" for n in range(50))]
    one = understand(compose(**PLAIN, references=references, in_reply_to="<last@x>"))
    assert len(one.references) == 20 and one.references[0] == "<0@x>" and one.references[-1] == "<last@x>"


def test_naive_date_is_refused():
    with pytest.raises(ValueError):
        compose(**(PLAIN | {"date": datetime(2026, 1, 1)}))  # noqa: DTZ001


@pytest.mark.parametrize(
    "name",
    ["a.pdf", "Отчёт о работе насосной станции за первое полугодие.pdf", 'a"b.pdf', "x" * 140 + ".pdf", "a\r\nb.pdf"],
)
def test_files(name):
    file = Attachment(name, "application/pdf", b"%PDF\x00\xff" * 100)
    raw = compose(**PLAIN, attachments=[file])
    (found,) = understand(raw).attachments
    assert found.content == file.content and found.type == "application/pdf" and found.name.endswith(".pdf")
    (other,) = standard(raw).iter_attachments()
    assert other.get_content() == file.content and other.get_filename() == found.name


def test_html_of_text():
    page = html_of("a <b>\nhttps://x.example/?a=1&b=2, да")
    assert 'a &lt;b&gt;<br>\n<a href="https://x.example/?a=1&amp;b=2">https://x.example/?a=1&amp;b=2</a>, да' in page


def test_templates_in_names_stay_text():
    one = understand(compose(**(PLAIN | {"subject": "{{7*7}} {% x %}", "text": "{{7*7}}"})))
    assert one.subject == "{{7*7}} {% x %}" and one.text == "{{7*7}}"
