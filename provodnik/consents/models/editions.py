"""What people sign: a text under a name."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from provodnik.consents.states import About
from provodnik.people.models import Organisation

ABOUT = [(one.value, one.value) for one in About]


class Edition(models.Model):
    """A text that an organisation has people sign, from a day on. Once a consent refers to it the database refuses to
    change it: who signed has signed these words. `key`: of the form, so that a double click makes one."""

    key = models.UUIDField(unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    about = models.CharField(max_length=9, choices=ABOUT)
    name = models.CharField(max_length=200)
    text = models.TextField()
    since = models.DateField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-since", "-pk"]
        indexes = [models.Index(fields=["organisation", "about", "-since", "-id"], name="edition_list")]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "about", "name"], name="edition_named_once"),
            models.CheckConstraint(
                condition=Q(about__in=[one.value for one in About]) & ~Q(name="") & ~Q(text=""),
                name="edition_says_something",
            ),
        ]

    def __str__(self) -> str:
        return self.name
