"""The days of the Russian production calendar that come with the product; an installation edits them afterwards."""

import json
from pathlib import Path

from django.db import migrations

SHIPPED = Path(__file__).parents[1] / "data" / "production_calendar.json"


def load(apps, schema_editor):
    day = apps.get_model("desk", "ProductionDay")
    if day.objects.exists():
        return
    rows = json.loads(SHIPPED.read_text(encoding="utf-8"))["days"]
    day.objects.bulk_create(day(date=row["date"], kind=row["kind"], note=row.get("note", "")) for row in rows)


class Migration(migrations.Migration):
    dependencies = [("desk", "0002_the_database_refuses")]
    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
