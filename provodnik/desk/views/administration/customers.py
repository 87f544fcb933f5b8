"""Customers, their people and contracts, subsystems."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from provodnik.core.decisions import Refused
from provodnik.desk.actions.administration import customers as actions
from provodnik.desk.forms.administration.customers import (
    ContactForm,
    ContractForm,
    CustomerForm,
    LinkForm,
    SubsystemForm,
)
from provodnik.desk.models import Contact, Contract, Customer, Subsystem
from provodnik.desk.queries import administration as queries
from provodnik.desk.views.administration.common import administrators_only, do, handle, me, paged, put, words

form_methods = require_http_methods(["GET", "HEAD", "POST"])


def _home(customer: Customer) -> str:
    return reverse("settings:customer", args=[customer.pk])


@administrators_only
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    kind = request.GET.get("kind", "")
    kind = kind if kind in {"bare", "off"} else ""
    found = queries.customers_found(words=words(request), kind=kind, today=timezone.localdate())
    context = {"page": paged(request, found), "q": words(request), "kind": kind}
    return render(request, "desk/settings/customers.html", context)


@administrators_only
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=pk)
    today = timezone.localdate()
    contracts = list(customer.contracts.select_related("calendar"))
    context = {
        "customer": customer,
        "page": paged(request, queries.contacts_found(customer, words(request))),
        "q": words(request),
        "contracts": [(contract, contract.in_force(today), contract.starts_on > today) for contract in contracts],
        "covered": any(contract.in_force(today) for contract in contracts),
    }
    return render(request, "desk/settings/customer.html", context)


@administrators_only
@form_methods
def add(request: HttpRequest) -> HttpResponse:
    form = CustomerForm(request.POST or None)
    return handle(
        request,
        form,
        "desk/settings/customer_form.html",
        save=lambda: actions.save_customer(form.instance, by=me(request), at=timezone.now()),
        told=_("The customer is added. Next: a contract and people."),
        to=_home,
    )


@administrators_only
@form_methods
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=pk)
    form = CustomerForm(request.POST or None, instance=customer)
    return handle(
        request,
        form,
        "desk/settings/customer_form.html",
        save=lambda: actions.save_customer(form.instance, by=me(request), at=timezone.now()),
        told=_("The changes are saved."),
        to=_home,
        customer=get_object_or_404(Customer, pk=pk),
    )


@administrators_only
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=pk)
    on = request.POST.get("on") == "1"
    return do(
        request,
        lambda: actions.switch_customer(customer, on=on, by=me(request), at=timezone.now()),
        told=_("The customer is served again.") if on else _("The customer is no longer served."),
        to=_home(customer),
    )


@administrators_only
@form_methods
def add_contact(request: HttpRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=pk)
    form = ContactForm(request.POST or None, instance=Contact(customer=customer))
    if request.method == "POST" and form.is_valid():
        invite = request.POST.get("then") == "invite"
        try:
            contact = actions.save_contact(form.instance, by=me(request), at=timezone.now())
        except Refused as refused:
            put(form, refused)
        else:
            messages.success(request, _("%(name)s is added.") % {"name": contact.name})
            if invite:
                return _invite(request, contact, to=_home(customer))
            return redirect(_home(customer))
    context = {"form": form, "customer": customer}
    return render(request, "desk/settings/contact.html", context, status=422 if form.errors else 200)


def _contact(pk: int) -> Contact:
    return get_object_or_404(Contact.objects.select_related("customer", "user"), pk=pk)


@administrators_only
@form_methods
def edit_contact(request: HttpRequest, pk: int) -> HttpResponse:
    contact = _contact(pk)
    form = ContactForm(request.POST or None, instance=contact)
    shown = _contact(pk)
    return handle(
        request,
        form,
        "desk/settings/contact.html",
        save=lambda: actions.save_contact(form.instance, by=me(request), at=timezone.now()),
        told=_("The changes are saved."),
        to=_home(contact.customer),
        customer=contact.customer,
        contact=shown,
        link_form=LinkForm(auto_id="link_%s"),
    )


def _invite(request: HttpRequest, contact: Contact, *, to: str) -> HttpResponse:
    try:
        sent = actions.invite_contact(contact, by=me(request), at=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        told = (
            _("The invitation is on its way to %(email)s.") % {"email": contact.email}
            if sent
            else _("There is such an account with a password already: it is linked, no letter was needed.")
        )
        messages.success(request, told)
    return redirect(to)


@administrators_only
@require_POST
def invite_contact(request: HttpRequest, pk: int) -> HttpResponse:
    return _invite(request, _contact(pk), to=reverse("settings:contact", args=[pk]))


@administrators_only
@require_POST
def link_contact(request: HttpRequest, pk: int) -> HttpResponse:
    contact = _contact(pk)
    form = LinkForm(request.POST, auto_id="link_%s")
    if form.is_valid():
        try:
            actions.link_contact(contact, typed=form.cleaned_data["login"], by=me(request), at=timezone.now())
        except Refused as refused:
            put(form, refused)
        else:
            messages.success(request, _("The account is linked."))
            return redirect("settings:contact", pk=pk)
    context = {"form": ContactForm(instance=_contact(pk)), "customer": contact.customer, "contact": contact}
    return render(request, "desk/settings/contact.html", {**context, "link_form": form}, status=422)


@administrators_only
@require_POST
def unlink_contact(request: HttpRequest, pk: int) -> HttpResponse:
    contact = _contact(pk)
    return do(
        request,
        lambda: actions.unlink_contact(contact, by=me(request), at=timezone.now()),
        told=_("The account is no longer linked."),
        to=reverse("settings:contact", args=[pk]),
    )


@administrators_only
@form_methods
def add_contract(request: HttpRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer, pk=pk)
    form = ContractForm(
        request.POST or None, instance=Contract(customer=customer), initial={"starts_on": timezone.localdate()}
    )
    return _contract(request, form, customer, _("The contract is added. New requests are counted by it."))


@administrators_only
@form_methods
def edit_contract(request: HttpRequest, pk: int) -> HttpResponse:
    contract = get_object_or_404(Contract.objects.select_related("customer"), pk=pk)
    form = ContractForm(request.POST or None, instance=contract)
    return _contract(request, form, contract.customer, _("The changes are saved."))


def _contract(request: HttpRequest, form: ContractForm, customer: Customer, told: str) -> HttpResponse:
    return handle(
        request,
        form,
        "desk/settings/contract.html",
        save=lambda: actions.save_contract(form.instance, by=me(request), at=timezone.now()),
        told=told,
        to=_home(customer),
        customer=customer,
        contract=Contract.objects.filter(pk=form.instance.pk).first(),
    )


@administrators_only
@require_safe
def subsystems(request: HttpRequest) -> HttpResponse:
    rows = Subsystem.objects.filter(name__icontains=words(request)).order_by("-is_active", "position", "name")
    return render(request, "desk/settings/subsystems.html", {"page": paged(request, rows), "q": words(request)})


@administrators_only
@form_methods
def add_subsystem(request: HttpRequest) -> HttpResponse:
    return _subsystem(request, SubsystemForm(request.POST or None), _("The subsystem is added."))


@administrators_only
@form_methods
def edit_subsystem(request: HttpRequest, pk: int) -> HttpResponse:
    subsystem = get_object_or_404(Subsystem, pk=pk)
    return _subsystem(request, SubsystemForm(request.POST or None, instance=subsystem), _("The changes are saved."))


def _subsystem(request: HttpRequest, form: SubsystemForm, told: str) -> HttpResponse:
    return handle(
        request,
        form,
        "desk/settings/subsystem.html",
        save=lambda: actions.save_subsystem(form.instance, by=me(request), at=timezone.now()),
        told=told,
        to=reverse("settings:subsystems"),
        subsystem=Subsystem.objects.filter(pk=form.instance.pk).first(),
    )
