"""Invented texts of a water utility: few words are frequent, most are rare, as in any language (Zipf)."""

from __future__ import annotations

import random
from itertools import accumulate

from provodnik.desk.search import normal

# The most frequent ones first; their forms meet in the texts, so that search has to know stems.
COMMON = """
не в и при на показание счётчик сохранить отчёт форма раздел ошибка данные абонент договор система показывать открыть
лаборатория проба результат кнопка список дата месяц сотрудник документ подпись печать файл таблица строка фильтр
выгрузка загрузка справочник адрес участок насос станция давление расход вода сеть колодец задвижка ремонт бригада
заявка наряд журнал смена диспетчер авария отключение уведомление почта пароль вход доступ право роль пользователь
подразделение отпуск график табель заявление приказ согласование маршрут руководитель бухгалтерия расчёт лист начисление
тариф платёж квитанция остаток склад материал труба фитинг поверка прибор импульс модем передача канал сервер обновление
версия браузер экран окно вкладка поле значение единица объём куб литр час сутки период квартал год
архив поиск сортировка
""".split()
FREQUENT = "показания"  # in about a third of the requests
ROOTS = """
авто агро аква аэро бак бар био бор верх вент вод газ гидро глуб град грунт дамб диаметр дренаж жёлоб завод затвор канал
катион керн кессон клапан коагул коллектор компресс конденс контур котел лот магистр манометр мембран метан муфт наклон
нефте нитрат озон окисл осад отстой пеле перепад песк плав плит поплав пуль расход реаген резерв ректор ротор сальник
сепар сифон скваж слив смес сорб стык сток тепл тран турб фильтр флот фосфор хлор цемент цистерн шлам шлюз щит
экстр элев
""".split()
TAILS = """
ация ение ник овка овод тель ность атор изатор ировка овщик оход омер ограф оскоп ограмма ит ина ище ик очка еватель
ильник оуловитель ометрия ология оснабжение оотведение очистка оподготовка оприёмник
""".split()
ENDINGS = ["", "", "", "а", "у", "ом", "е", "ы", "ов", "ам", "ах"]
TEXTS = 20_000
SUBJECTS = 4_000
# A word that nobody else says, and in exactly how many requests of the set (always somewhere in a body).
RARE = {"гидроакустику": 7, "тензорезисторы": 300}


class Author:
    """Writes the same texts on every run."""

    def __init__(self, seed: int = 20261123) -> None:
        self.random = random.Random(seed)
        tail = [root + end for root in ROOTS for end in TAILS]
        self.random.shuffle(tail)
        self.words = COMMON + tail
        self.weights = list(accumulate(1 / (rank + 2.7) for rank in range(len(self.words))))

    def some(self, count: int) -> list[str]:
        return [
            word if len(word) < 4 else word.rstrip("аеиоуыья") + self.random.choice(ENDINGS)
            for word in self.random.choices(self.words, cum_weights=self.weights, k=count)
        ]

    def sentence(self, shortest: int, longest: int) -> str:
        words = self.some(self.random.randint(shortest, longest))
        return " ".join(words).capitalize()

    def text(self) -> str:
        """Two to five sentences; half of the texts of a request's first page speak of readings."""
        said = [self.sentence(4, 11) for _ in range(self.random.randint(2, 5))]
        if self.random.random() < 0.15:
            said[0] += f" {FREQUENT}"
        return ". ".join(said) + "."

    def texts(self) -> list[str]:
        return [self.text() for _ in range(TEXTS)]

    def subjects(self) -> list[str]:
        return [self.sentence(3, 8)[:200] for _ in range(SUBJECTS)]


def searchable(text: str) -> str:
    """The text as the product gives it to its index."""
    return normal(text)
