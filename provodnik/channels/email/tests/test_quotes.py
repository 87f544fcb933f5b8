"""What the person wrote and what is quoted: every Russian form, above, below and between."""

import pytest

from provodnik.channels.email import understand
from provodnik.channels.email.parse.quotes import split

from .letters import letter

FORMS = [
    "ср, 30 апр. 2025 г. в 15:19, Имя <a@b.example>:",
    "ср, 30 апр. 2025 г. в 15:19, Имя Фамилия\n<a@b.example>:",
    "понедельник, 6 октября 2014 г. пользователь X написал:",
    '20 окт. 2016 г. 19:37 пользователь "X" <a@b.example> написал:',
    '26.06.2014, 14:41, "X" <a@b.example>:',
    "Thu, 26 Jun 2014 14:00:51 +0400 от X <a@b.example>:",
    "Четверг, 26 июня 2014, 14:00 +04:00 от X:",
    "Среда, 30 апреля 2025, 15:19 +03:00 от Имя Фамилия <a@b.example>:",
    "От: Иванов\nОтправлено: 26 июня 2014 г. 14:00\nКому: Петров\nКопия: Сидоров\nТема: RE: вода",
    "*От:* Иванов\n*Отправлено:* 26 июня 2014 г. 14:00\n*Кому:* Петров\n*Тема:* RE: вода",
    "От: Иванов\nДата: 26 июня 2014 г.\nТема: вода\nКому: Петров\nКопия: Сидоров",
    "-----Исходное сообщение-----",
    "-----Исходное сообщение-----\nОт: Иванов\nОтправлено: 26.06.2014 14:00\nКому: Петров\nТема: вода",
    "26 июня 2014 г., в 14:41, X <a@b.example> написал(а):",
    "30 апреля 2025 г. 15:19:03 GMT+03:00, Имя <a@b.example> пишет:",
    "26.06.2014 14:41, X пишет:",
    "Вы писали 5 октября 2026 г., 10:00:00:",
    "5 октября 2026 г. 10:00:00 GMT+03:00, \"X\" <a@b.example> пишет:",
    "On Mon, Feb 1, 2016 at 4:58 AM, X <a@b.example> wrote:",
    "From: X\nSent: Monday, June 26, 2014 2:00 PM\nTo: Y\nSubject: RE: water",
]  # fmt: skip
FORWARDS = [
    "---------- Пересланное сообщение ----------",
    "-------- Пересылаемое сообщение --------",
    "---------- Forwarded message ---------",
]


def same_lines(text: str, reply: str, quoted: str) -> bool:
    """Nothing lost, nothing made up."""
    return sorted(filter(str.strip, text.split("\n"))) == sorted(filter(str.strip, f"{reply}\n{quoted}".split("\n")))


@pytest.mark.parametrize("old", ["> Старое\n> письмо", "Старое\nписьмо"])
@pytest.mark.parametrize("form", [*FORMS, *FORWARDS])
def test_answer_above(form, old):
    text = f"Спасибо, помогло.\n\n{form}\n\n{old}"
    reply, quoted = split(text)
    assert reply == "Спасибо, помогло."
    assert quoted.startswith(form.split("\n")[0]) and same_lines(text, reply, quoted)


@pytest.mark.parametrize("form", FORMS)
def test_answer_below(form):
    text = f"{form}\n> Старое\n>\n> письмо\n\nСпасибо, помогло.\n"
    reply, quoted = split(text)
    assert reply == "Спасибо, помогло." and same_lines(text, reply, quoted)


@pytest.mark.parametrize("form", FORMS)
def test_answers_between(form):
    text = f"Отвечаю ниже.\n\n{form}\n> Первое?\n\nДа.\n\n> Второе?\n\nНет.\n\n> Хвост"
    reply, quoted = split(text)
    assert reply == "Отвечаю ниже.\n\n> Первое?\n\nДа.\n\n> Второе?\n\nНет."
    assert "> Хвост" in quoted and same_lines(text, reply, quoted)


@pytest.mark.parametrize("mark", [*FORWARDS, "Начало переадресованного сообщения:"])
def test_forwarded_without_a_word_is_kept_whole(mark):
    text = (
        f"{mark}\nОт: Иванов <a@b.example>\nДата: 26 июня 2014 г.\nТема: вода\nКому: Петров\n\nНет воды.\n-- \nИванов"
    )
    assert split(text) == (text, "")


def test_forwarded_by_outlook_without_a_word_is_kept_whole():
    text = "От: Иванов\nОтправлено: 26 июня 2014 г. 14:00\nКому: Петров\nТема: вода\n\nНет воды."
    assert split(text) == (text, "")


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nИван Петров\nгл. инженер",
        "Отправлено с iPhone",
        "Отправлено из мобильной Почты Mail.ru",
        "Отправлено из мобильного приложения Яндекс Почты",
        "Отправлено с моего устройства Samsung",
        "Sent from my iPhone",
        "Получить Outlook для iOS<https://aka.ms/x>",
        "-- \nОтправлено из Почты Mail.ru для Android",
    ],
)
def test_signatures_are_folded(signature):
    assert split(f"Нет воды.\n\n{signature}") == ("Нет воды.", signature)
    text = f"Нет воды.\n\n{signature}\n\n{FORMS[0]}\n> Старое"
    reply, quoted = split(text)
    assert reply == "Нет воды." and same_lines(text, reply, quoted)


@pytest.mark.parametrize(
    "text",
    [
        "Добрый день.\nОт: Иванова пришла заявка\nона просит доступ",
        "Прошу завести:\nОт: Иванов\nКому: Петров\nТема: отпуск",
        "26.06.2014 в 14:41 произошло следующее:\nвсё упало",
        "Проблема 26.06.2014 14:00 от Иванова пришло письмо:\nв нём ошибка",
        "Вчера Иванов написал:\nне работает",
        "Он пишет: не работает\nи больше ничего",
        "Нажимаю меню\n> Файл\nи ничего",
        "Давление\n> 5 атм",
        "Вопрос 1\n--\nВопрос 2",
        "Отправлено с iPhone вчера, а пришло сегодня: почему такая задержка, если сеть у нас работает хорошо"
        " и жалоб ни от кого больше не было?",
        "Исходное сообщение не пришло.\nПришлите ещё раз",
        "> Старое\nОтвет под цитатой без слов о том, кто писал",
        "> Одна только цитата",
        "Отправлено с iPhone",
        "Список:\n- один\n- два\n\n    - три",
        "Тема: вода\nТекст",
    ],
)
def test_nothing_of_the_persons_own_is_cut(text):
    assert split(text) == (text, "")


def test_quotation_without_attribution_at_the_end():
    assert split("Да.\n\n> Раз\n> Два\n\n-- \nИван") == ("Да.", "> Раз\n> Два\n\n-- \nИван")


def test_no_hole_where_a_quotation_was():
    assert split(f"Здравствуйте.\n\n{FORMS[0]}\n\n> Принято?\n\nДа.")[0] == "Здравствуйте.\n\nДа."


def test_old_yandex_form():
    block = f"----------------\nКому: hd@x.example;\nТема: вода;\n{FORMS[4]}"
    assert split(f"Готово.\n\n{block}\nПринято") == ("Готово.", f"{block}\nПринято")


def test_wrapped_quotation_is_not_an_answer():
    long = "> " + "слово " * 12
    text = f"Да.\n\n{FORMS[0]}\n{long}\nконец строки\n> дальше"
    assert split(text)[0] == "Да."


def test_html_letter_of_a_webmail():
    attribution = FORMS[4].replace("<", "&lt;")
    body = f"<div>Спасибо!</div><div><br></div><div>{attribution}</div><blockquote><p>Старое</p></blockquote>"
    one = understand(letter(body, "Content-Type: text/html; charset=utf-8"))
    assert one.reply == "Спасибо!" and "> Старое" in one.quoted


def test_html_letter_of_outlook():
    head = "".join(f"<p class=MsoNormal><b>{line}</b></p>" for line in FORMS[8].split("\n"))
    body = f"<p class=MsoNormal>Спасибо!</p>{head}<p class=MsoNormal>Старое</p>"
    one = understand(letter(body, "Content-Type: text/html; charset=utf-8"))
    assert one.reply == "Спасибо!" and one.quoted.startswith("От: Иванов")


@pytest.mark.parametrize(
    "bait", [">", ">\n", "-- \n", "-", "12.12.2012 12:12 ", "От: x\nДата: y\n", "On 1 wrote <\n", " \n", "_____\n"]
)
def test_bait_is_bounded_and_whole(bait):
    text = "Да.\n" + bait * (300_000 // len(bait))
    reply, quoted = split(text)
    assert "Да." in reply and same_lines(text, reply, quoted)
