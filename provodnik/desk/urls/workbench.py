from __future__ import annotations

from django.urls import path

from provodnik.desk.views.workbench import editors, lists, live, opening, ticket

app_name = "desk"
urlpatterns = [
    path("", lists.index, name="queue"),
    path("search", lists.search, name="search"),
    path("new", opening.new, name="new"),
    path("pulse", live.pulse, name="pulse"),
    path("<int:number>", ticket.ticket, name="ticket"),
    path("<int:number>/say", ticket.say, name="say"),
    path("<int:number>/take", ticket.take, name="take"),
    path("<int:number>/confirm", ticket.confirm, name="confirm"),
    path("<int:number>/contact", editors.contact, name="contact"),
    path("<int:number>/change/<slug:what>", editors.edit, name="edit"),
]
