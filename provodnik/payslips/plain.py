"""What a line of a payslip means, in plain words: usual kinds of 1C:ZUP by their names, because codes differ from base
to base. A name that is not known gets no words: better none than wrong ones. Also which lines wait for a tap."""

# ruff: noqa: E501 - a table of sentences is read by its rows

from __future__ import annotations

import re
from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provodnik.payslips.states import Group

Words = str | Promise
_IN = (Group.PAY.value, Group.OTHER.value)
_OUT = (Group.DEDUCTION.value,)
_PAID = (Group.PAYMENT.value,)

# (groups, a pattern within the name in lower case with е for ё, words). The first that fits counts.
_KINDS: tuple[tuple[tuple[str, ...], str, Words], ...] = (
    (_IN, r"компенсация за задержку|задержк\w* (выплат|зарплат)",
     _("Interest for every day that pay was late (article 236 of the Labour Code). No income tax is withheld from it.")),
    (_IN, r"компенсация (за )?(неиспользован\w+ )?отпуск",
     _("Money for days of leave that were not used: at dismissal, or for the part over 28 days at your request.")),
    (_IN, r"дополнительн\w* отпуск",
     _("Average pay for the days of additional leave, on top of the main one.")),
    (_IN, r"отпуск\w* (по уходу|по беременности)|пособи\w+ по (уходу|беременности)|декрет",
     _("Payment connected with the birth of a child and care for it.")),
    (_IN, r"учебн\w* отпуск",
     _("Average pay for the days of leave for studies, by the certificate of the school.")),
    (_IN, r"отпуск", _("Average daily pay of the last twelve months, for each calendar day of leave.")),
    (_IN, r"больничн|нетрудоспособн",
     _("For days of sickness: the first three are paid by the employer, the others by the Social Fund, straight to you.")),
    (_IN, r"командировк", _("Average pay for the days of a business trip. Daily allowance is paid apart from it.")),
    (_IN, r"донор", _("Average pay for the day of giving blood and for the day of rest after it (article 186).")),
    (_IN, r"медосмотр|диспансеризац", _("Average pay for a day of a medical examination: the place of work is kept.")),
    (_IN, r"простой", _("Pay for time in which there was no work: two thirds of the average when the employer is the cause.")),
    (_IN, r"ночн", _("Extra pay for each hour between 22:00 and 6:00 (article 154).")),
    (_IN, r"сверхурочн", _("Extra pay for hours beyond the schedule: the first two at least one and a half times, then twice (article 152).")),
    (_IN, r"праздничн|выходн\w+ (день|дни)|в выходн",
     _("Work on a day off or a holiday: paid at least twice, unless another day off was chosen (article 153).")),
    (_IN, r"вредн|опасн", _("Extra pay for harmful or dangerous conditions, at least 4 % of the rate (article 147).")),
    (_IN, r"молок", _("Money in place of milk or other food given for work in harmful conditions (article 222).")),
    (_IN, r"районн\w* коэффициент", _("A share of the pay that is added everywhere in your region because of its climate.")),
    (_IN, r"северн\w* надбавк", _("A share of the pay that grows with years of work in the North or areas equated to it.")),
    (_IN, r"выслуг|стаж", _("A share of the salary that grows with the years you have worked here.")),
    (_IN, r"совмещени|расширени\w+ зон|увеличени\w+ объ|исполнени\w+ обязанност|замещени",
     _("Extra pay for doing another job besides your own, as agreed in writing (article 151).")),
    (_IN, r"классност|разряд|категори", _("Extra pay for your class or grade.")),
    (_IN, r"бригадир", _("Extra pay for leading a crew.")),
    (_IN, r"наставни", _("Extra pay for teaching a colleague.")),
    (_IN, r"секретн|гос\w* тайн", _("Extra pay for work with secrets of state.")),
    (_IN, r"преми|бонус", _("A bonus by the rules of your organisation: for a period, a result or an occasion. How much is decided by an order.")),
    (_IN, r"матер\w* помощь", _("Help in a special situation, at your request. Up to 4 000 ₽ a year no income tax is withheld.")),
    (_IN, r"выходн\w* пособи", _("Severance pay at dismissal: average pay for a time that the law names (article 178).")),
    (_IN, r"индексац", _("A rise of pay that makes up for higher prices (article 134).")),
    (_IN, r"сдельн", _("Pay for what was done, by the rate for a piece or a job.")),
    (_IN, r"оклад|тариф|по часам|почасов", _("The main part of your pay, for the days or hours worked.")),
    (_IN, r"надбавк|доплат", _("An addition to the main pay by your contract or by the rules of the organisation.")),
    (_OUT, r"ндфл|налог", _("Income tax that the employer must withhold and hand to the state: 13 % of income up to 2.4 million ₽ a year, then more. Deductions for children and others make it less.")),
    (_OUT, r"профсоюз", _("Membership fee of the trade union, by your application.")),
    (_OUT, r"алимент", _("Support for children or relatives, by a court's writ or a notary's agreement. The employer only passes it on.")),
    (_OUT, r"исполнит|судебн|пристав", _("Deducted by a writ of execution. The employer must carry it out and may not change it.")),
    (_OUT, r"излишн|счетн\w+ ошибк|переплат", _("Too much was paid earlier: it is taken back by an order, with your consent.")),
    (_OUT, r"подотчет|неизрасходованн", _("An advance for expenses that was neither used up nor brought back in time.")),
    (_OUT, r"ущерб|недостач", _("Damage that you make good: at most the average pay of a month without a court.")),
    (_OUT, r"заем|займ|ссуд|кредит", _("Repayment of a loan that the employer has given you.")),
    (_OUT, r"неотработанн\w+ отпуск|отпуск", _("Leave that was taken in advance and not worked off by the day of dismissal.")),
    (_OUT, r"страхован|пенсионн|дсв", _("A contribution by your application: insurance or a pension.")),
    (_OUT, r"питани|столов", _("Meals, by your application.")),
    (_OUT, r"спецодежд|форменн", _("Working clothes that were not brought back.")),
    (_OUT, r"связь|телефон", _("Calls over the limit, by your application.")),
    (_PAID, r"аванс|перв\w+ половин", _("Pay for the first half of the month: a part of the same wage, not a sum on top of it.")),
    (_PAID, r"отпуск", _("Leave pay, paid before the leave began.")),
    (_PAID, r"межрасч|межрасчет", _("Paid out between the pay days.")),
    (_PAID, r"заработ|зарплат|ведомост|банк|касс|перечисл", _("Paid out already for this month.")),
)  # fmt: skip
_COMPILED = tuple((groups, re.compile(pattern), words) for groups, pattern, words in _KINDS)
# What others should not read over a shoulder: of the courts, of health, of need.
_SENSITIVE = re.compile(r"алимент|исполнит|судебн|пристав|нетрудоспособн|больничн|матер\w* помощь|ущерб|недостач")


def _plain(name: str) -> str:
    return name.casefold().replace("ё", "е")


@lru_cache(4096)
def _kind(group: str, name: str) -> Words:
    plain = _plain(name)
    return next((words for groups, pattern, words in _COMPILED if group in groups and pattern.search(plain)), "")


def explained(group: str, name: str) -> str:
    """What a line is, "" where nobody knows."""
    return str(_kind(group, name))


@lru_cache(4096)
def is_sensitive(name: str) -> bool:
    """Whether a line waits for a tap."""
    return bool(_SENSITIVE.search(_plain(name)))
