"""What the database itself refuses: an illegal move of a work, a deleted work, a rewritten history.

The table of moves is frozen here as it was; a test compares it with provodnik/works/states.py.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION works_work_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'works are never deleted' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.key <> OLD.key OR NEW.sequence < OLD.sequence THEN
        RAISE EXCEPTION 'the identity of works in calendars never changes' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.state <> OLD.state AND NOT (OLD.state || '>' || NEW.state) = ANY (ARRAY[
        'draft>announced', 'draft>going', 'draft>cancelled',
        'announced>going', 'announced>cancelled',
        'going>ended'
    ]) THEN
        RAISE EXCEPTION 'illegal move from % to %', OLD.state, NEW.state USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER works_work_guard BEFORE UPDATE OR DELETE ON works_work FOR EACH ROW EXECUTE FUNCTION works_work_guard();

CREATE FUNCTION works_history_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history is written once' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER works_event_guard BEFORE UPDATE OR DELETE ON works_workevent FOR EACH ROW EXECUTE FUNCTION works_history_guard();
"""

ALLOW = """
DROP TRIGGER works_event_guard ON works_workevent;
DROP FUNCTION works_history_guard();
DROP TRIGGER works_work_guard ON works_work;
DROP FUNCTION works_work_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("works", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
