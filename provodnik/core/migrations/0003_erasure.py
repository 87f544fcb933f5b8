"""Acts of erasure, and the only door through the tables that are written once (docs/adr/0018).

`core_erasing(scope)` is true in a transaction that has itself written a step of an act of that scope, and nowhere else:
the trigger below sets the step's transaction and moment, so that neither can be claimed. A number of a transaction may
come again in a restored cluster; the same number at the same microsecond cannot.
"""

import django.db.models.deletion
from django.db import migrations, models


DOOR = """
CREATE FUNCTION core_erasure_step_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.txid := txid_current();
        NEW.at := transaction_timestamp();
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.txid = txid_current() AND OLD.at = transaction_timestamp()
        AND (to_jsonb(NEW) - 'lines') = (to_jsonb(OLD) - 'lines') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a step of an erasure is written once' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER core_erasure_step_guard BEFORE INSERT OR UPDATE OR DELETE ON core_erasurestep
    FOR EACH ROW EXECUTE FUNCTION core_erasure_step_guard();

CREATE FUNCTION core_erasing(VARIADIC wanted text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM core_erasurestep
        WHERE txid = txid_current() AND at = transaction_timestamp() AND scope = ANY (wanted)
    )
$$;
"""
SHUT = """
DROP FUNCTION core_erasing(text[]);
DROP TRIGGER core_erasure_step_guard ON core_erasurestep;
DROP FUNCTION core_erasure_step_guard();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0002_extensions'),
    ]

    operations = [
        migrations.CreateModel(
            name='ErasureAct',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('rule', 'Rule'), ('person', 'Person'), ('journal', 'Journal')], max_length=8)),
                ('state', models.CharField(choices=[('running', 'Running'), ('done', 'Done'), ('failed', 'Failed')], default='running', max_length=8)),
                ('by', models.BigIntegerField(help_text='id of who asked for it; null: the nightly job', null=True)),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('asked', models.JSONField(default=dict, help_text='by which rule, of whom, what')),
                ('counts', models.JSONField(default=dict, help_text='what was erased: {kind: how many}')),
                ('total', models.PositiveIntegerField(default=0, help_text='how many things there were to do when it began')),
                ('done', models.PositiveIntegerField(default=0)),
                ('begun_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['-begun_at', '-id'], name='erasure_latest')],
            },
        ),
        migrations.CreateModel(
            name='ErasureStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(choices=[('rule', 'Rule'), ('person', 'Person'), ('journal', 'Journal')], max_length=8)),
                ('lines', models.JSONField(default=list, help_text='what was erased: no personal data, numbers and counts alone')),
                ('at', models.DateTimeField(help_text='set by the database: when the transaction began')),
                ('txid', models.BigIntegerField(help_text='set by the database: which transaction it is')),
                ('act', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='core.erasureact')),
            ],
            options={
                'indexes': [models.Index(fields=['txid'], name='erasure_step_door')],
            },
        ),
        migrations.RunSQL(DOOR, SHUT),
    ]
