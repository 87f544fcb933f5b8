"""Rules of retention, holds, and a door in the history for lawful erasure alone (docs/adr/0018).

In a transaction that has written a step of an act of erasure (core_erasing) a message may lose its text and its names, a
fact its name and words of its data. Nothing else of them may change, nothing may be written in their place, nothing is
deleted, and what a hold keeps stays whole.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


GUARD = """
CREATE FUNCTION desk_may_erase(number bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT core_erasing('rule', 'person')
        AND NOT EXISTS (SELECT 1 FROM desk_legalhold WHERE ticket_id = number AND until IS NULL)
$$;
CREATE FUNCTION desk_message_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE words text[] := ARRAY['text', 'quoted', 'html', 'author_name', 'verdict', 'contact_id'];
BEGIN
    IF TG_OP = 'UPDATE'
        AND (to_jsonb(NEW) - words) = (to_jsonb(OLD) - words)
        AND NEW.text IN ('', OLD.text) AND NEW.quoted IN ('', OLD.quoted) AND NEW.html IN ('', OLD.html)
        AND NEW.author_name IN ('', OLD.author_name) AND NEW.verdict IN ('{}'::jsonb, OLD.verdict)
        AND (NEW.contact_id IS NULL OR NEW.contact_id = OLD.contact_id)
        AND desk_may_erase(OLD.ticket_id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'history is written once' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE FUNCTION desk_event_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE words text[] := ARRAY['by_name', 'data'];
BEGIN
    IF TG_OP = 'UPDATE'
        AND (to_jsonb(NEW) - words) = (to_jsonb(OLD) - words)
        AND NEW.by_name IN ('', OLD.by_name) AND OLD.data @> NEW.data
        AND desk_may_erase(OLD.ticket_id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'history is written once' USING ERRCODE = 'integrity_constraint_violation';
END $$;
DROP TRIGGER desk_event_guard ON desk_ticketevent;
DROP TRIGGER desk_message_guard ON desk_message;
CREATE TRIGGER desk_event_guard BEFORE UPDATE OR DELETE ON desk_ticketevent
    FOR EACH ROW EXECUTE FUNCTION desk_event_erasure();
CREATE TRIGGER desk_message_guard BEFORE UPDATE OR DELETE ON desk_message
    FOR EACH ROW EXECUTE FUNCTION desk_message_erasure();
"""
AS_BEFORE = """
DROP TRIGGER desk_message_guard ON desk_message;
DROP TRIGGER desk_event_guard ON desk_ticketevent;
CREATE TRIGGER desk_event_guard BEFORE UPDATE OR DELETE ON desk_ticketevent
    FOR EACH ROW EXECUTE FUNCTION desk_history_guard();
CREATE TRIGGER desk_message_guard BEFORE UPDATE OR DELETE ON desk_message
    FOR EACH ROW EXECUTE FUNCTION desk_history_guard();
DROP FUNCTION desk_event_erasure();
DROP FUNCTION desk_message_erasure();
DROP FUNCTION desk_may_erase(bigint);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('channels', '0003_taken_since'),
        ('core', '0003_erasure'),
        ('desk', '0011_complaint_not_to_accused'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LegalHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=500, verbose_name='reason')),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField(help_text='when it was lifted', null=True)),
            ],
        ),
        migrations.CreateModel(
            name='RetentionRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('texts_months', models.PositiveSmallIntegerField(blank=True, help_text='Empty: for ever.', null=True, verbose_name='texts and names')),
                ('files_months', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='files')),
                ('letters_months', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='letters as they came')),
                ('strays_months', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='letters that became no request')),
                ('journal_months', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='lines of the journal')),
            ],
        ),
        migrations.AddField(
            model_name='ticket',
            name='erased_at',
            field=models.DateTimeField(help_text='its texts and names were erased (desk.actions.erasure)', null=True),
        ),
        migrations.AlterField(
            model_name='ticketevent',
            name='kind',
            field=models.CharField(choices=[('registered', 'Registered'), ('confirmed', 'Confirmation sent'), ('taken', 'Taken into work'), ('asked', 'Clarification sought'), ('answered', 'The requester answered'), ('replied', 'Answered by the desk'), ('noted', 'Note written'), ('closed', 'Closed'), ('withdrawn', 'Withdrawn by the requester'), ('reopened', 'Reopened'), ('priority', 'Priority changed'), ('type', 'Type changed'), ('subsystem', 'Subsystem changed'), ('assigned', 'Assigned'), ('customer', 'Customer changed'), ('email', 'Contact address changed'), ('delivered', 'Notice delivered'), ('undelivered', 'Notice not delivered'), ('told_otherwise', 'Told in another way'), ('warned', 'Deadline is near'), ('overdue', 'Deadline passed'), ('rated', 'Rated'), ('continued', 'Continued in a new request'), ('routed', 'Given by the rules of assignment'), ('escalated', 'Carried to the lead'), ('complained', 'Complained about'), ('linked', 'Linked'), ('unlinked', 'Unlinked'), ('merged', 'Merged into it'), ('split', 'A message became a request'), ('tagged', 'Tags changed'), ('fields', 'Fields changed'), ('held', 'Kept whole'), ('released', 'No longer kept whole'), ('erased', 'Erased')], max_length=16),
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('erased_at__isnull', True), ('status', 'done')), fields=['contract', 'closed_at'], name='ticket_to_erase'),
        ),
        migrations.AddField(
            model_name='legalhold',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='legalhold',
            name='lifted_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='legalhold',
            name='ticket',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='desk.ticket'),
        ),
        migrations.AddField(
            model_name='retentionrule',
            name='contract',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='retention', to='desk.contract'),
        ),
        migrations.AddIndex(
            model_name='legalhold',
            index=models.Index(fields=['-since', '-id'], name='hold_latest'),
        ),
        migrations.AddConstraint(
            model_name='legalhold',
            constraint=models.UniqueConstraint(condition=models.Q(('until__isnull', True)), fields=('ticket',), name='hold_one_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='retentionrule',
            constraint=models.UniqueConstraint(models.Value(1), condition=models.Q(('contract__isnull', True)), name='retention_one_default'),
        ),
        migrations.AddConstraint(
            model_name='retentionrule',
            constraint=models.CheckConstraint(condition=models.Q(('contract__isnull', True), models.Q(('journal_months__isnull', True), ('strays_months__isnull', True)), _connector='OR'), name='retention_of_a_contract_is_of_requests'),
        ),
        migrations.RunSQL(GUARD, AS_BEFORE),
    ]
