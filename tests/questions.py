"""Which words of an address's question a page looks at: a page that looks at none need not be asked with dozens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.http import QueryDict

_BY_NAME = ("__getitem__", "__contains__", "get", "getlist")
_WHOLE = ("__iter__", "items", "lists", "values", "keys", "dict", "urlencode", "copy")


@contextmanager
def looked_at() -> Iterator[set[str]]:
    """The names that are looked at meanwhile; «*» for all of them at once."""
    names: set[str] = set()

    def noticing(name: str) -> Any:
        own = getattr(QueryDict, name)

        def asked(self: QueryDict, *arguments: Any, **more: Any) -> Any:
            names.add(str(arguments[0]) if name in _BY_NAME else "*")
            return own(self, *arguments, **more)

        return asked

    with pytest.MonkeyPatch.context() as patch:
        for name in (*_BY_NAME, *_WHOLE):
            patch.setattr(QueryDict, name, noticing(name))
        yield names


def concerns(query: str, names: set[str]) -> bool:
    """Whether a page that has looked at these names would notice a question («?q=a&before=1») at all."""
    return "*" in names or any(name in names for name in QueryDict(query.lstrip("?")))
