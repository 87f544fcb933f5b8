"""Tags, and the fields that a contract asks for."""

from __future__ import annotations

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.desk.actions import own_fields, tagging
from provodnik.desk.forms.administration.marks import FieldDefinitionForm, TagForm
from provodnik.desk.models import Contract, FieldDefinition, Tag
from provodnik.desk.views.administration.common import administrators_only, do, handle, me, paged, words

form_methods = require_http_methods(["GET", "HEAD", "POST"])


@administrators_only
@require_safe
def tags(request: HttpRequest) -> HttpResponse:
    rows = Tag.objects.filter(name__icontains=words(request)).annotate(count=Count("tagged")).order_by("name")
    return render(request, "desk/settings/tags.html", {"page": paged(request, rows), "q": words(request)})


@administrators_only
@form_methods
def add_tag(request: HttpRequest) -> HttpResponse:
    return _tag(request, TagForm(request.POST or None), _("The tag is added."))


@administrators_only
@form_methods
def edit_tag(request: HttpRequest, pk: int) -> HttpResponse:
    return _tag(
        request, TagForm(request.POST or None, instance=get_object_or_404(Tag, pk=pk)), _("The changes are saved.")
    )


def _tag(request: HttpRequest, form: TagForm, told: str) -> HttpResponse:
    known = Tag.objects.filter(pk=form.instance.pk).annotate(count=Count("tagged")).first()
    return handle(
        request,
        form,
        "desk/settings/tag.html",
        save=lambda: tagging.save_tag(form.instance, by=me(request), at=timezone.now()),
        told=told,
        to=reverse("settings:tags"),
        tag=known,
    )


@administrators_only
@require_POST
def remove_tag(request: HttpRequest, pk: int) -> HttpResponse:
    tag = get_object_or_404(Tag, pk=pk)
    return do(
        request,
        lambda: tagging.remove_tag(tag, by=me(request), at=timezone.now()),
        told=_("The tag is removed from all requests."),
        to=reverse("settings:tags"),
    )


@administrators_only
@form_methods
def add_field(request: HttpRequest, pk: int) -> HttpResponse:
    contract = get_object_or_404(Contract.objects.select_related("customer"), pk=pk)
    return _field(
        request,
        FieldDefinitionForm(request.POST or None, instance=FieldDefinition(contract=contract)),
        contract,
        _("The field is added. It is asked from now on."),
    )


@administrators_only
@form_methods
def edit_field(request: HttpRequest, pk: int) -> HttpResponse:
    definition = get_object_or_404(FieldDefinition.objects.select_related("contract__customer"), pk=pk)
    form = FieldDefinitionForm(request.POST or None, instance=definition)
    return _field(request, form, definition.contract, _("The changes are saved."))


def _field(request: HttpRequest, form: FieldDefinitionForm, contract: Contract, told: str) -> HttpResponse:
    return handle(
        request,
        form,
        "desk/settings/field.html",
        save=lambda: own_fields.save_definition(form.instance, by=me(request), at=timezone.now()),
        told=told,
        to=reverse("settings:contract", args=[contract.pk]),
        contract=contract,
        definition=FieldDefinition.objects.filter(pk=form.instance.pk).first(),
    )
