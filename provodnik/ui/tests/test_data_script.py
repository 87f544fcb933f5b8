"""What scripts are told comes as letters, and ends no script."""

from __future__ import annotations

import json
import re

from provodnik.ui.templatetags.ui import data_script


def test_letters_stay_letters_and_no_markup_gets_out() -> None:
    told = {"ключ": "</script><!--<b>&amp; «ф» \u2028 \" ' \\"}
    made = str(data_script(told, "words"))
    assert made.startswith('<script id="words" type="application/json">') and "«ф»" in made
    inside = made.partition(">")[2].removesuffix("</script>")
    assert not re.search("[<>&]", inside)
    assert json.loads(inside) == told
