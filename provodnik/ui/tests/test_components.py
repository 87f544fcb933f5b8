"""Every component renders, stays itself inside a page, and lets nothing through that is not text."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django import forms
from django.template import Context, engines
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory, override_settings
from django.utils import timezone, translation
from django.utils.safestring import mark_safe
from django_cotton.compiler_regex import CottonCompiler

from provodnik.ui import gallery, track, views
from provodnik.ui.templatetags import ui

TEMPLATES = Path(ui.__file__).resolve().parent.parent / "templates"
COMPONENTS = sorted(path.stem for path in (TEMPLATES / "cotton").glob("*.html"))
NOW = datetime(2026, 11, 23, 11, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def moscow():
    with timezone.override("Europe/Moscow"), translation.override("ru"):
        yield


def render(source, **context):
    """A template given as a string, through the same compiler as a file."""
    compiled = CottonCompiler().process("{% load ui %}" + source)
    return engines["django"].from_string(compiled).render(context)


def show(page):
    request = RequestFactory().get("/gallery/")
    with override_settings(PROVODNIK_GALLERY=True):
        return views.gallery_page(request, page).content.decode()


@pytest.fixture(scope="module")
def whole_gallery():
    with timezone.override("Europe/Moscow"), translation.override("ru"):
        return {page: show(page) for page in sorted(views.PAGES)}


def test_cotton_and_partials_both_work(whole_gallery):
    """Under their default configurations they switch each other off: a component would reach the reader as a tag."""
    for page, html in whole_gallery.items():
        assert "<c-" not in html, page
        assert "{%" not in html and "{{" not in html, page


@pytest.mark.parametrize("name", [name for name in COMPONENTS if name not in {"fact", "choice", "icon", "initials"}])
def test_the_gallery_shows_every_component(name):
    tag = "<c-" + name.replace("_", "-")
    sources = [path.read_text() for path in TEMPLATES.rglob("*.html")]
    assert any(re.search(rf"{tag}[\s>/]", source) for source in sources), f"{tag} is shown nowhere"


def test_pages_obey_the_content_security_policy(whole_gallery):
    for page, html in whole_gallery.items():
        assert not re.search(r"\sstyle=", html), page
        assert not re.search(r"\son\w+=", html), page
        for attributes in re.findall(r"<script([^>]*)>", html):
            assert "src=" in attributes or 'type="application/json"' in attributes, page


def test_ids_are_not_repeated(whole_gallery):
    for page, html in whole_gallery.items():
        ids = re.findall(r'\sid="([^"]+)"', html)
        assert len(ids) == len(set(ids)), (page, sorted({one for one in ids if ids.count(one) > 1}))


def test_declared_names_do_not_reach_the_markup(whole_gallery):
    for page, html in whole_gallery.items():
        assert not re.search(r"<(button|a|section|article|span)[^>]* (variant|tone|icon|kind|who)=", html), page


def test_used_icons_are_in_the_sprite(whole_gallery):
    sprite = (TEMPLATES.parent / "static" / "icons.svg").read_text()
    known = set(re.findall(r'symbol id="([^"]+)"', sprite))
    used = {name for html in whole_gallery.values() for name in re.findall(r"icons[^\"]*\.svg#([\w-]+)", html)}
    assert used <= known


@pytest.mark.parametrize("page", ["400", "403", "404", "429", "500", "503"])
def test_error_pages_need_nothing(page):
    html = get_template(f"{page}.html").template.render(Context())
    assert "<h1" in html and "PROводник" in html and page in html


@override_settings(PROVODNIK_GALLERY=False)
def test_a_stranger_learns_nothing_of_the_gallery():
    with pytest.raises(views.Http404):
        views.gallery(RequestFactory().get("/gallery/"))


HOSTILE = '"x" onmouseover="alert(1)"'


@pytest.mark.parametrize(
    "source",
    [
        '<c-panel :data-x="value">a</c-panel>',
        '<c-button :title="value">a</c-button>',
        '<c-row-link href="#" :heading="value" :title="value" />',
        '<c-message :who="value" :data-x="value">a</c-message>',
        '<c-file-chip :name="value" href="#" :data-x="value" />',
        '<c-state :label="value" :title="value" />',
        '<c-banner :heading="value" :data-x="value">a</c-banner>',
        '<c-receipt :heading="value" :draft="value">a</c-receipt>',
    ],
)
def test_a_value_never_leaves_its_attribute(source):
    html = render(source, value=HOSTILE)
    assert 'onmouseover="' not in html
    assert "&quot;x&quot; onmouseover=" in html


def test_markup_in_a_value_is_text():
    html = render('<c-empty :heading="value">{{ value }}</c-empty>', value="<script>alert(1)</script>")
    assert "<script" not in html


def test_typograph_leaves_markup_alone():
    assert (
        ui.typograph(mark_safe('<a class="b c" href="#">с телефона</a>'))
        == '<a class="b c" href="#">с\u00a0телефона</a>'
    )
    assert ui.typograph("<b> и </b>") == "&lt;b&gt; и\u00a0&lt;/b&gt;"


def test_a_component_does_not_take_names_from_the_page():
    html = render('<c-panel>a</c-panel><c-state label="b" />', heading="чужое", tone="error", icon="siren")
    assert "чужое" not in html and "siren" not in html and "tone-error" not in html


class Sample(forms.Form):
    name = forms.CharField(label="Имя", help_text="Как в паспорте")
    agree = forms.BooleanField(label="Согласен")
    way = forms.ChoiceField(label="Как", choices=[("a", "Раз"), ("b", "Два")], widget=forms.RadioSelect)
    way.hints = {"a": "вторая строка"}


def test_field_order_is_label_hint_error_control():
    html = render('<c-field :field="form.name" />', form=Sample({"name": ""}))
    places = [html.index(part) for part in ("<label", 'id="id_name_helptext"', 'id="id_name_error"', "<input")]
    assert places == sorted(places)
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html


def test_field_passes_attributes_to_its_control():
    html = render('<c-field :field="form.name" autocomplete="name" width="w-44" />', form=Sample())
    assert re.search(r'<input[^>]*autocomplete="name"', html) and re.search(r'<input[^>]*class="input w-44"', html)


def test_radios_become_cards_with_a_legend():
    html = render('<c-field :field="form.way" />', form=Sample())
    assert "<legend" in html and html.count('class="choice"') == 2 and "вторая строка" in html


def test_error_summary_leads_to_each_field():
    html = render('<c-error-summary :form="form" />', form=Sample({"name": ""}))
    assert "исправьте 3 места" in html
    for target in ("#id_name", "#id_agree", "#id_way_0"):
        assert f'href="{target}"' in html
    assert "Имя: заполните" in html


def test_error_summary_is_silent_without_errors():
    assert render('<c-error-summary :form="form" />', form=Sample()).strip() == ""


def test_a_button_that_cannot_be_pressed_says_why():
    html = render('<c-button reason="Закрыть может исполнитель" href="/x">Закрыть</c-button>')
    why = re.search(r'aria-describedby="([^"]+)"', html)[1]
    assert 'aria-disabled="true"' in html and f'id="{why}"' in html and 'href="/x"' not in html


@pytest.mark.parametrize(
    "segments", [[("ran", 1), ("left", 99999)], [("ran", 3)], [("ran", 1), ("stood", 1), ("left", 0)]]
)
def test_track_fills_its_width_and_shows_every_piece(segments):
    bars = track.track_bars(segments)
    assert all(float(bar.width[:-1]) >= 1 for bar in bars)
    last = bars[-1]
    assert float(last.x[:-1]) + float(last.width[:-1]) == pytest.approx(100, abs=0.05)


def test_track_of_nothing_is_empty():
    assert track.track_bars([]) == [] and track.track_bars([("ran", 0)]) == []


def test_tick_tells_the_time_of_the_page():
    html = render('<c-time :at="at" mode="left" />', at=NOW, now=datetime(2026, 11, 23, 7, 45, tzinfo=UTC))
    assert "осталось\u00a03\u00a0ч\u00a020\u00a0мин" in html
    assert 'datetime="2026-11-23T14:05:00+03:00"' in html and 'data-tick="left"' in html


def test_gallery_uses_the_shape_of_the_menu():
    html = render_to_string("ui/gallery/cabinet.html", gallery.context(NOW))
    assert html.count('aria-current="page"') == 1  # the rail
    more = next(tag for tag in re.findall("<button[^>]*>", html) if 'data-open="phone-menu"' in tag)
    assert 'aria-current="true"' in more  # the phone's bar: it stands under «Ещё»
