from __future__ import annotations

from django.urls import path

from provodnik.desk.views.administration import duties, rules, teams

app_name = "assignment"
urlpatterns = [
    path("", rules.index, name="rules"),
    path("rules/new/", rules.add, name="add_rule"),
    path("rules/<int:pk>/", rules.edit, name="rule"),
    path("rules/<int:pk>/move/", rules.move, name="move_rule"),
    path("rules/<int:pk>/remove/", rules.remove, name="remove_rule"),
    path("escalation/", rules.escalation, name="escalation"),
    path("dry-runs/", rules.ask, name="ask"),
    path("dry-runs/<int:pk>/", rules.dry_run, name="dry_run"),
    path("teams/", teams.index, name="teams"),
    path("teams/new/", teams.add, name="add_team"),
    path("teams/<int:pk>/", teams.edit, name="team"),
    path("teams/<int:pk>/remove/", teams.remove, name="remove_team"),
    path("duties/", duties.index, name="duties"),
    path("duties/<int:pk>/", duties.team, name="duties_of"),
    path("duties/<int:pk>/shifts/new/", duties.add_shifts, name="add_shifts"),
    path("duties/shifts/<int:pk>/remove/", duties.remove_shift, name="remove_shift"),
    path("duties/<int:pk>/patterns/new/", duties.add_cycle, name="add_cycle"),
    path("duties/patterns/<int:pk>/", duties.edit_cycle, name="cycle"),
    path("duties/patterns/<int:pk>/remove/", duties.remove_cycle, name="remove_cycle"),
    path("duties/<int:pk>/days/new/", duties.add_day, name="add_day"),
    path("duties/days/<int:pk>/remove/", duties.remove_day, name="remove_day"),
    path("absences/", duties.absences, name="absences"),
    path("absences/new/", duties.add_absence, name="add_absence"),
    path("absences/<int:pk>/", duties.edit_absence, name="absence"),
    path("absences/<int:pk>/remove/", duties.remove_absence, name="remove_absence"),
]
