"""What the database itself refuses: an illegal move (I11), a changed registration (I1), a rewritten history.

The table of moves is frozen here as it was; a test compares it with provodnik/desk/states.py.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION desk_ticket_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a request is never deleted' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.number <> OLD.number OR NEW.registered_at <> OLD.registered_at OR NEW.key <> OLD.key THEN
        RAISE EXCEPTION 'number and registration of a request never change' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.status <> OLD.status AND NOT (OLD.status || '>' || NEW.status) = ANY (ARRAY[
        'created>in_progress', 'created>clarification', 'created>done',
        'in_progress>clarification', 'in_progress>done',
        'clarification>in_progress', 'clarification>done',
        'done>in_progress'
    ]) THEN
        RAISE EXCEPTION 'illegal move from % to %', OLD.status, NEW.status USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER desk_ticket_guard BEFORE UPDATE OR DELETE ON desk_ticket FOR EACH ROW EXECUTE FUNCTION desk_ticket_guard();

CREATE FUNCTION desk_history_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history is written once' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER desk_event_guard BEFORE UPDATE OR DELETE ON desk_ticketevent FOR EACH ROW EXECUTE FUNCTION desk_history_guard();
CREATE TRIGGER desk_message_guard BEFORE UPDATE OR DELETE ON desk_message FOR EACH ROW EXECUTE FUNCTION desk_history_guard();
"""

ALLOW = """
DROP TRIGGER desk_message_guard ON desk_message;
DROP TRIGGER desk_event_guard ON desk_ticketevent;
DROP FUNCTION desk_history_guard();
DROP TRIGGER desk_ticket_guard ON desk_ticket;
DROP FUNCTION desk_ticket_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("desk", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
