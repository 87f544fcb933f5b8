"""Customers, their people and contracts: for the desk and for who administers."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from ninja import Router
from pydantic import Field

from provodnik.accounts.scopes import Scope
from provodnik.api import paging
from provodnik.api.paging import Page
from provodnik.api.routes.common import reading
from provodnik.api.security import me
from provodnik.api.shapes import people
from provodnik.api.shapes.fields import Cursor, Number, Query
from provodnik.api.shapes.people import ContactOut, ContractOut, CustomerOut, FieldOfContract
from provodnik.desk import policies
from provodnik.desk.models import Contact, Customer, FieldDefinition
from provodnik.desk.queries import administration, found

router = Router(tags=["directory"])
READ = Scope.DIRECTORY_READ
PAGE = 50


def _allowed(request: HttpRequest) -> None:
    """Who sees it in the pages sees it here; for anybody else it does not exist."""
    user = me(request)
    if not (policies.may_work(user) or policies.may_administer(user)):
        raise Http404


@reading(router, "/customers", Page[CustomerOut], _("Customers"), scope=READ)
def customers(
    request: HttpRequest,
    kind: Annotated[
        Literal["served", "bare", "off"],
        Field(description=_("served; bare: without a contract in force; off: not served.")),
    ] = "served",
    q: Query = "",
    cursor: Cursor = None,
) -> Page[CustomerOut]:
    _allowed(request)
    rows = administration.customers_found(
        words=q, kind="" if kind == "served" else kind, today=timezone.localdate()
    ).order_by("pk")
    after = paging.place(request, cursor)
    found_ones = list((rows if after is None else rows.filter(pk__gt=after))[: PAGE + 1])
    last = found_ones[PAGE - 1].pk if len(found_ones) > PAGE else None
    return Page[CustomerOut](items=[people.customer(one) for one in found_ones[:PAGE]], next=paging.make(request, last))


def _customer(request: HttpRequest, number: int) -> Customer:
    _allowed(request)
    return Customer.objects.get(pk=number)


@reading(router, "/customers/{number}", CustomerOut, _("One customer"), scope=READ)
def customer(request: HttpRequest, number: Number) -> CustomerOut:
    return people.customer(_customer(request, number))


@reading(router, "/customers/{number}/contacts", Page[ContactOut], _("Its people"), scope=READ)
def contacts_of_customer(
    request: HttpRequest, number: Number, q: Query = "", cursor: Cursor = None
) -> Page[ContactOut]:
    rows = administration.contacts_found(_customer(request, number), q).select_related("customer").order_by("pk")
    after = paging.place(request, cursor)
    found_ones = list((rows if after is None else rows.filter(pk__gt=after))[: PAGE + 1])
    last = found_ones[PAGE - 1].pk if len(found_ones) > PAGE else None
    return Page[ContactOut](items=[people.contact(one) for one in found_ones[:PAGE]], next=paging.make(request, last))


@reading(router, "/customers/{number}/contracts", Page[ContractOut], _("Its contracts, the newest first"), scope=READ)
def contracts_of_customer(request: HttpRequest, number: Number) -> Page[ContractOut]:
    rows = _customer(request, number).contracts.select_related("calendar")[:500]
    return Page[ContractOut](items=[people.contract(one) for one in rows])


@reading(
    router,
    "/customers/{number}/fields",
    Page[FieldOfContract],
    _("Its own fields: what its contracts ask of requests"),
    scope=READ,
    more=_("By their ids the queue is narrowed: /desk/requests?fields=12:K-7."),
)
def fields_of_customer(request: HttpRequest, number: Number) -> Page[FieldOfContract]:
    customer = _customer(request, number)
    rows = FieldDefinition.objects.filter(contract__customer=customer, is_active=True).select_related("contract")
    return Page[FieldOfContract](items=[people.own_field(one) for one in rows[:500]])


@reading(
    router,
    "/contacts",
    Page[ContactOut],
    _("People of served customers by a piece of name, e-mail or customer"),
    scope=READ,
    more=_("At most 20: narrow the words."),
)
def contacts(request: HttpRequest, q: Annotated[Query, Field(min_length=1)]) -> Page[ContactOut]:
    _allowed(request)
    return Page[ContactOut](items=[people.contact(one) for one in found.contacts(q)])


@reading(router, "/contacts/{number}", ContactOut, _("One person of a customer"), scope=READ)
def contact(request: HttpRequest, number: Number) -> ContactOut:
    _allowed(request)
    return people.contact(Contact.objects.select_related("customer").get(pk=number))
