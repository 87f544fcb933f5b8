"""What readers leave: votes, words that gave nothing; and what search knows of the words of articles."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from provodnik.articles.models.articles import Article, Version
from provodnik.desk.models import Ticket


class Vote(models.Model):
    """Whether a version helped a person: one word of each, which may be changed."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="votes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    helped = models.BooleanField()
    text = models.CharField(max_length=1000, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "user"], name="vote_once")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.helped}"


class Use(models.Model):
    """That a request was closed with a version."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="uses")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "ticket"], name="use_once")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.ticket_id}"


class Word(models.Model):
    """A word of a published article: its stem, and how it is written there. A slip is set right by them."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="words")
    stem = models.CharField(max_length=60)
    shown = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "stem"], name="word_once")]
        indexes = [GinIndex(fields=["stem"], name="word_alike", opclasses=["gin_trgm_ops"])]

    def __str__(self) -> str:
        return self.shown


class Asked(models.Model):
    """Words that somebody searched for and found nothing; by whom is not kept."""

    words = models.CharField(max_length=100, unique=True)
    times = models.PositiveIntegerField(default=1)
    at = models.DateTimeField(help_text="the last time")

    class Meta:
        indexes = [models.Index(fields=["-times", "-at"], name="asked_most")]

    def __str__(self) -> str:
        return self.words
