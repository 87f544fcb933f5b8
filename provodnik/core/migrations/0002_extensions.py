"""Both extensions are trusted since PostgreSQL 13: the owner of the database may create them."""

from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [TrigramExtension(), BtreeGistExtension()]
