"""Arguments of the commands that have their own: argparse's rules, our words (its own are English)."""

from __future__ import annotations

import argparse
from typing import NoReturn

from provodnik.lifecycle.words import gettext as _


class WrongUse(Exception):
    """What was written after the command makes no sense; the words say what it takes."""


class Arguments(argparse.ArgumentParser):
    """Raises WrongUse with `usage` instead of writing and ending the process."""

    def __init__(self, usage: str) -> None:
        super().__init__(add_help=False, allow_abbrev=False, exit_on_error=False)
        self.how = usage

    def parse(self, arguments: list[str]) -> argparse.Namespace:
        if "--help" in arguments or "-h" in arguments:
            raise WrongUse(self.how)
        try:
            return self.parse_args(arguments)
        except argparse.ArgumentError as error:
            raise WrongUse(self.how) from error

    def error(self, message: str) -> NoReturn:
        raise WrongUse(self.how)


def usage(line: str) -> str:
    return _("Usage: provodnik %(line)s") % {"line": line}
