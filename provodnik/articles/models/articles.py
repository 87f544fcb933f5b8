"""An article, its published versions and its files."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from provodnik.articles.labels import AUDIENCES, KINDS, STATES
from provodnik.articles.states import Audience, Kind, State
from provodnik.core.models import Blob
from provodnik.desk.models import Customer, Subsystem


class Section(models.Model):
    """A shelf of articles."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Writing(models.Model):
    """What an author writes: the same in the working copy and in each version."""

    title = models.CharField(_("title"), max_length=200)
    summary = models.CharField(_("in short"), max_length=300, blank=True, default="")
    keywords = models.CharField(_("other words"), max_length=500, blank=True, default="")
    text = models.TextField(_("text"), blank=True, default="")

    class Meta:
        abstract = True


class ArticleManager(models.Manager["Article"]):
    """The vector is for conditions in SQL: nobody reads it, and no save writes an old one over a new one."""

    def get_queryset(self) -> models.QuerySet[Article]:
        return super().get_queryset().defer("search")


class Article(Writing):
    """The working copy (title, summary, keywords, text: authors see it) with what is true of all versions.
    Readers see `published`, while the state is «published»."""

    key = models.UUIDField(unique=True, default=uuid.uuid4, help_text="the form that made it: sent twice, it makes one")
    kind = models.CharField(_("kind"), max_length=12, choices=KINDS, default=Kind.INSTRUCTION.value)
    section = models.ForeignKey(
        Section, null=True, blank=True, on_delete=models.PROTECT, related_name="articles", verbose_name=_("section")
    )
    subsystem = models.ForeignKey(
        Subsystem, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("about")
    )
    state = models.CharField(max_length=10, choices=STATES, default=State.DRAFT.value)
    audience = models.CharField(_("for whom"), max_length=10, choices=AUDIENCES, default=Audience.EVERYONE.value)
    customers = models.ManyToManyField(Customer, blank=True, related_name="+", verbose_name=_("customers"))
    check_by = models.DateField(_("check by"), null=True, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    edited_at = models.DateTimeField()
    offered_at = models.DateTimeField(null=True, help_text="a specialist asked to publish the working copy")
    revision = models.PositiveIntegerField(default=0, help_text="grows with every change: two editors notice it")
    published = models.ForeignKey("Version", null=True, on_delete=models.PROTECT, related_name="+")
    search = SearchVectorField(null=True)

    objects: ClassVar[ArticleManager] = ArticleManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[one.value for one in State]), name="article_state_known"),
            models.CheckConstraint(
                condition=Q(audience__in=[one.value for one in Audience]), name="article_audience_known"
            ),
            models.CheckConstraint(
                condition=Q(state=State.DRAFT.value, published__isnull=True)
                | (~Q(state=State.DRAFT.value) & Q(published__isnull=False)),
                name="article_published_has_version",
            ),
        ]
        indexes = [
            GinIndex(fields=["search"], name="article_search"),
            models.Index(fields=["state", "-edited_at", "-id"], name="article_by_state"),
            models.Index(fields=["section", "title"], name="article_by_section"),
            models.Index(fields=["check_by"], condition=Q(state=State.PUBLISHED.value), name="article_to_check"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_published(self) -> bool:
        return self.state == State.PUBLISHED.value

    @property
    def is_changed(self) -> bool:
        """The working copy says something else than the version that was published last."""
        last = self.published
        return last is None or (self.title, self.summary, self.keywords, self.text) != (
            last.title,
            last.summary,
            last.keywords,
            last.text,
        )


class ArticleFile(models.Model):
    """A picture or a file of an article. Its random key is its address; a version keeps those it was published with."""

    key = models.UUIDField(primary_key=True, default=uuid.uuid4)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="files")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    picture = models.CharField(max_length=20, blank=True, default="", help_text="its type when a page may show it")
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, help_text="not of the working copy any more; old versions keep it")

    class Meta:
        indexes = [models.Index(fields=["article", "at"], name="article_file_of")]

    def __str__(self) -> str:
        return self.name


class Version(Writing):
    """What was published at one moment. Never changed and never deleted: the database refuses it too."""

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    plain = models.TextField(help_text="the text without its markup, for search and answers")
    note = models.CharField(max_length=300, blank=True, default="", help_text="what has changed, in the author's words")
    audience = models.CharField(max_length=10, choices=AUDIENCES)
    shown_to = models.JSONField(default=list, help_text="names of the customers it was for at that moment")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    files = models.ManyToManyField(ArticleFile, related_name="versions")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="version_numbered_once")]

    def __str__(self) -> str:
        return f"{self.title} ({self.number})"
