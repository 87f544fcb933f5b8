"""Tables of the kernel."""

from __future__ import annotations

from django.db import models


class Blob(models.Model):
    """Bytes that somebody sent: in the row, or in a file of a random name. Never changed after it is written."""

    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    content = models.BinaryField(null=True, editable=True)
    name = models.CharField(max_length=32, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(content__isnull=False, name="")
                | (models.Q(content__isnull=True) & ~models.Q(name="")),
                name="blob_lives_in_one_place",
            ),
            models.UniqueConstraint(fields=["name"], condition=~models.Q(name=""), name="blob_name_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.sha256[:12]} {self.size}"
