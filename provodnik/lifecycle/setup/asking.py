"""Where answers come from: a file, the command line, what is set already, a person at a terminal."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from provodnik.lifecycle.setup import envfile
from provodnik.lifecycle.setup import questions as asked
from provodnik.lifecycle.words import gettext as _

ENV_FILE = Path("/etc/provodnik/provodnik.env")
Mistakes = Callable[[Mapping[str, str]], list[str]]


class WrongUse(Exception):
    """The command line or the file of answers is wrong; the words say how."""


@dataclass
class Order:
    """What the command line asks for. `yes`: nothing is asked; `only_show`: nothing is done."""

    env_file: Path
    user: str | None = None
    yes: bool = False
    only_show: bool = False
    given: dict[str, str] = field(default_factory=dict)


def order(arguments: list[str], environ: Mapping[str, str]) -> Order:
    """Read the command line. Raises WrongUse."""
    made = Order(Path(environ.get("PROVODNIK_ENV_FILE") or ENV_FILE))
    left, answers = list(arguments), dict[str, str]()
    while left:
        word = left.pop(0)
        if word == "--yes":
            made.yes = True
        elif word == "--show":
            made.only_show = True
        elif word in ("--answers", "--env-file", "--user"):
            if not left:
                raise WrongUse(_("%(option)s wants a value.") % {"option": word})
            value = left.pop(0)
            if word == "--answers":
                made.given |= _file(Path(value))
            elif word == "--env-file":
                made.env_file = Path(value)
            else:
                made.user = value
        elif "=" in word and not word.startswith("-"):
            name, _equals, value = word.partition("=")
            answers[name] = value
        else:
            raise WrongUse(_("setup does not know %(word)s.") % {"word": word})
    made.given |= answers
    strange = [name for name in made.given if not name.startswith("PROVODNIK_") and name not in asked.OWN]
    if strange:
        raise WrongUse(_("setup does not know %(word)s.") % {"word": ", ".join(sorted(strange))})
    return made


def _file(path: Path) -> dict[str, str]:
    try:
        return envfile.read(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(f"{path}: {error}") from error
    except envfile.BadFile as error:
        raise WrongUse(f"{path}: {error}") from error


@dataclass
class Terminal:
    """A person. `line` and `hidden` read one line each; the second shows nothing of it."""

    say: Callable[[str], None]
    line: Callable[[str], str] = input
    hidden: Callable[[str], str] = getpass.getpass
    present: Callable[[], bool] = lambda: sys.stdin.isatty()

    def ask(self, question: asked.Question, default: str, wrong: Callable[[str], str]) -> str:
        """Until the answer is right."""
        while True:
            if question.hint:
                self.say(f"  {question.hint}")
            tail = f" [{asked.shown(question.name, default)}]" if default else ""
            read = self.hidden if question.name == asked.PASSWORD else self.line
            answer = read(f"{question.words}{tail}: ").strip() or default
            if mistake := wrong(answer):
                self.say(f"  ✗ {mistake}")
            elif question.name == asked.PASSWORD and answer and answer != self.hidden(_("Once more: ")).strip():
                self.say("  ✗ " + _("These are two different passwords."))
            else:
                return answer

    def agrees(self, words: str) -> bool:
        return asked.yes(self.line(f"{words} "))


def collect(made: Order, known: Mapping[str, str], terminal: Terminal, mistakes: Mistakes) -> asked.Answers:
    """All answers: given ones are not asked, the others are, unless `--yes` takes what is likely. Raises WrongUse with
    every mistake of what was given."""
    if not made.yes and not terminal.present():
        raise WrongUse(_("There is no terminal to ask at: give answers by --answers FILE or NAME=value, and --yes."))
    answers: asked.Answers = {**known, **made.given}
    if made.yes and known.get(asked.DATA_DIR):  # set up before: an administrator is there, no other is made
        answers.setdefault(asked.NAME, answers.get(asked.LOGIN) or "admin")
    wrong: list[str] = []
    for question in asked.questions():
        name = question.name

        def judged(value: str, question: asked.Question = question) -> str:
            told = question.check(value)
            if told or question.name in asked.OWN or not value:
                return told
            found = mistakes({question.name: value})
            return next((one.removeprefix(f"{question.name} ") for one in found if one.startswith(question.name)), "")

        if name in made.given or made.yes:
            answers.setdefault(name, question.default(answers))
            if told := judged(answers[name]):
                wrong.append(f"{name}: {told}")
        else:
            answers[name] = terminal.ask(question, answers.get(name) or question.default(answers), judged)
    settings = {name: value for name, value in answers.items() if name.startswith("PROVODNIK_") and value}
    wrong += [one for one in mistakes(settings) if one.partition(" ")[0] not in " ".join(wrong)]
    if wrong:
        raise WrongUse("\n".join(wrong))
    return answers
