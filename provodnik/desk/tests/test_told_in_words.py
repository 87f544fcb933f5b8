"""No form answers by the name of a constraint: Django looks at them within the instance and asks the form nothing."""

from __future__ import annotations

from collections.abc import Iterator

from django.forms import ModelForm
from django.urls import get_resolver

from provodnik.desk.forms.administration.fields import ToldInWords

# Forms whose constraints nothing typed can break: the form refuses it before, or does not hold their columns.
BEFORE = {
    "ExceptionForm": "the date is looked for among the calendar's by the form",
    "RuleForm": "a choice is one of the list; the columns of a contract's rule are not in its form",
}


def _forms(of: type) -> Iterator[type[ModelForm]]:
    for form in of.__subclasses__():
        yield form
        yield from _forms(form)


def test_whose_model_has_constraints_tells_them_in_words() -> None:
    assert get_resolver().url_patterns  # every form is imported by some page
    ours = [form for form in _forms(ModelForm) if form.__module__.startswith("provodnik.desk.")]
    bound = [form for form in ours if form is not ToldInWords and form._meta.model._meta.constraints]
    assert {form.__name__ for form in bound if not issubclass(form, ToldInWords)} == set(BEFORE)
