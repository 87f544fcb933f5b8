from __future__ import annotations

from django.urls import path

from provodnik.desk.views import journal
from provodnik.desk.views.workbench import (
    bulk,
    editors,
    lists,
    live,
    macros,
    opening,
    palette,
    preferences,
    saying,
    ticket,
    ties,
    unsent,
)

app_name = "desk"
urlpatterns = [
    path("", lists.index, name="queue"),
    path("search", lists.search, name="search"),
    path("new", opening.new, name="new"),
    path("people", ties.people, name="people"),
    path("choose", bulk.choose, name="choose"),
    path("bulk/<slug:what>", bulk.step, name="bulk"),
    path("runs", bulk.runs, name="bulk_runs"),
    path("runs/<uuid:key>", bulk.run, name="bulk_run"),
    path("runs/<uuid:key>/undo", bulk.undo, name="bulk_undo"),
    path("journal", journal.of_requests, name="journal"),
    path("pulse", live.pulse, name="pulse"),
    path("palette", palette.palette, name="palette"),
    path("drafts", unsent.index, name="drafts"),
    path("macros", macros.index, name="macros"),
    path("macros/new", macros.new, name="new_macro"),
    path("macros/<int:pk>", macros.edit, name="macro"),
    path("macros/<int:pk>/remove", macros.remove, name="remove_macro"),
    path("preferences", preferences.edit, name="preferences"),
    path("<int:number>", ticket.ticket, name="ticket"),
    path("<int:number>/say", saying.say, name="say"),
    path("<int:number>/draft", unsent.keep, name="draft"),
    path("<int:number>/draft/delete", unsent.drop, name="drop_draft"),
    path("<int:number>/recall/<int:unsent>", unsent.recall, name="recall"),
    path("<int:number>/macros", macros.choose, name="choose_macro"),
    path("<int:number>/macros/<int:pk>", macros.apply, name="apply_macro"),
    path("<int:number>/take", ticket.take, name="take"),
    path("<int:number>/confirm", ticket.confirm, name="confirm"),
    path("<int:number>/contact", editors.contact, name="contact"),
    path("<int:number>/tie/<slug:what>", ties.tie, name="tie"),
    path("<int:number>/unlink/<int:pk>", ties.unlink, name="unlink"),
    path("<int:number>/watch", ties.watch, name="watch"),
    path("<int:number>/split/<int:message>", ties.split, name="split"),
    path("<int:number>/change/<slug:what>", editors.edit, name="edit"),
]
