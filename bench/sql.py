"""The statements that fill the tables. `%(total)s` requests, the last `%(open)s` of them open; all else follows from
the number of a request by a hash, so that two runs make the same rows."""

# Postgres' own hash of a number and a salt as a fraction of one.
CHANCE = """
CREATE OR REPLACE FUNCTION pg_temp.chance(n bigint, salt bigint) RETURNS float8 LANGUAGE sql IMMUTABLE AS
$$ SELECT (hashint8extended(n, salt) & 1048575)::float8 / 1048576 $$
"""

TEXTS = """
CREATE UNLOGGED TABLE bench_text (id int PRIMARY KEY, kind text, body text, words text, vector tsvector)
"""
STEMS = "UPDATE bench_text SET vector = to_tsvector('russian', words)"

# Milestones of every request. Closed ones: registered over five years; open ones: within the last days.
PLAN = """
CREATE UNLOGGED TABLE bench_plan AS
WITH drawn AS (
    SELECT n, n > %(total)s - %(open)s AS is_open,
           pg_temp.chance(n, 1) AS c1, pg_temp.chance(n, 2) AS c2, pg_temp.chance(n, 3) AS c3,
           pg_temp.chance(n, 4) AS c4, pg_temp.chance(n, 5) AS c5, pg_temp.chance(n, 6) AS c6,
           (SELECT count(*) FROM desk_contact) AS contacts
    FROM generate_series(1, %(total)s::bigint) AS n
), placed AS (
    SELECT *, CASE WHEN is_open
        THEN %(now)s::timestamptz - interval '4 days' * ((%(total)s - n)::float8 / %(open)s) - interval '5 minutes'
        ELSE %(now)s::timestamptz - interval '6 days'
             - interval '5 years' * ((%(total)s - %(open)s - n)::float8 / %(total)s)
        END AS registered_at,
        1 + floor(c1 * contacts)::int AS contact_no,
        CASE WHEN c2 < 0.05 THEN 'urgent' WHEN c2 < 0.25 THEN 'high' WHEN c2 < 0.60 THEN 'medium'
             ELSE 'low' END AS priority,
        CASE WHEN NOT is_open THEN 'done' WHEN c3 < 0.30 THEN 'created' WHEN c3 < 0.80 THEN 'in_progress'
             ELSE 'clarification' END AS status,
        c4 < 0.40 AND NOT is_open AS was_asked
    FROM drawn
)
SELECT placed.*, contact.id AS contact_id, contact.customer_id, contact.name AS contact_name, contact.email,
       contract.id AS contract_id,
       CASE WHEN status = 'created' AND c5 < 0.7 THEN NULL ELSE desk.id END AS assignee_id,
       desk.full_name AS assignee_name,
       registered_at + interval '2 minutes' AS taken_at,
       registered_at + interval '4 minutes' AS spoken_at,
       registered_at + interval '3 hours' AS retaken_at,
       registered_at + interval '8 hours' * (1 + c5) AS closed_at,
       CASE priority WHEN 'urgent' THEN contract.urgent_allowance WHEN 'high' THEN contract.high_allowance
            WHEN 'medium' THEN contract.medium_allowance ELSE contract.low_allowance END AS allowance,
       1 + floor(pg_temp.chance(n, 11) * %(texts)s)::int AS t0, 1 + floor(pg_temp.chance(n, 12) * %(texts)s)::int AS t1,
       1 + floor(pg_temp.chance(n, 13) * %(texts)s)::int AS t2, 1 + floor(pg_temp.chance(n, 14) * %(texts)s)::int AS t3,
       1 + floor(pg_temp.chance(n, 15) * %(texts)s)::int AS t4,
       %(texts)s + 1 + floor(pg_temp.chance(n, 16) * %(subjects)s)::int AS subject_id,
       status = 'clarification' OR was_asked AS has_question,
       (status = 'clarification' AND c4 < 0.4) OR was_asked AS has_answer,
       status = 'in_progress' AND c5 < 0.8 AS has_reply,
       c6 < 0.25 AND status <> 'created' AS has_note,
       CASE WHEN n %% (%(total)s / 7) = 1 AND n / (%(total)s / 7) < 7 THEN ' %(seven)s' ELSE '' END
       || CASE WHEN n %% (%(total)s / 300) = 2 AND n / (%(total)s / 300) < 300 THEN ' %(hundreds)s' ELSE '' END AS rare
FROM placed
JOIN (SELECT row_number() OVER (ORDER BY id) AS no, * FROM desk_contact) AS contact ON contact.no = contact_no
-- closed requests were made under a contract that is over, counted round the clock; open ones under that in force
JOIN desk_contract AS contract ON contract.customer_id = contact.customer_id AND (contract.ends_on IS NULL) = is_open
JOIN (SELECT row_number() OVER (ORDER BY id) AS no, * FROM accounts_user WHERE 'specialist' = ANY (roles)) AS desk
  ON desk.no = 1 + n %% %(specialists)s
"""

TICKETS = """
INSERT INTO desk_ticket (number, key, customer_id, contract_id, contact_id, requester_name, contact_email, channel,
    subject, impact, type, priority, subsystem_id, status, resolution, assignee_id, context, registered_at,
    due_at, asked_at,
    answered_at, closed_at, touched_at, triaged_at, undelivered, rating, rating_text, revision, queue_rank, queue_at)
SELECT n, gen_random_uuid(), customer_id, contract_id, contact_id, contact_name, plan.email,
    CASE WHEN c6 < 0.6 THEN 'portal' ELSE 'email' END, said.body,
    CASE priority WHEN 'urgent' THEN 'nothing_works' WHEN 'high' THEN 'cannot_enter' WHEN 'medium' THEN 'cannot_get'
         ELSE 'question' END,
    CASE priority WHEN 'low' THEN 'question' ELSE 'defect' END, priority,
    CASE WHEN c4 < 0.7 THEN (SELECT min(id) FROM desk_subsystem) + floor(c5 * 10)::int END,
    status, CASE WHEN is_open THEN '' WHEN c3 < 0.8 THEN 'solved' ELSE 'user_error' END, assignee_id, '{}',
    registered_at, due, asked, answered, closed, touched, CASE WHEN status <> 'created' THEN taken_at END,
    NOT is_open AND c6 < 0.0005, CASE WHEN NOT is_open AND c6 < 0.2 THEN 4 + (c5 > 0.3)::int END, '', 2,
    CASE WHEN closed IS NOT NULL THEN 3 WHEN answered IS NOT NULL THEN 0 WHEN asked IS NOT NULL THEN 2 ELSE 1 END,
    coalesce(closed, answered, asked, due)
FROM (
    SELECT *, registered_at + allowance + CASE WHEN was_asked THEN retaken_at - spoken_at ELSE '0' END AS due,
        CASE WHEN status = 'clarification' THEN spoken_at END AS asked,
        CASE WHEN status = 'clarification' AND has_answer THEN spoken_at + interval '1 minute' END AS answered,
        CASE WHEN NOT is_open THEN closed_at END AS closed,
        CASE WHEN NOT is_open THEN closed_at WHEN status = 'created' THEN registered_at ELSE spoken_at END AS touched
    FROM bench_plan
) AS plan JOIN bench_text AS said ON said.id = subject_id
"""

MESSAGES = """
INSERT INTO desk_message (id, ticket_id, key, kind, author_id, contact_id, author_name, channel, text, quoted, html,
    verdict, at)
SELECT n * 8 + line.no, n, gen_random_uuid(), line.kind, CASE WHEN line.desk THEN assignee_id END,
    CASE WHEN NOT line.desk THEN contact_id END, CASE WHEN line.desk THEN assignee_name ELSE contact_name END,
    CASE WHEN c6 < 0.6 OR line.desk THEN 'portal' ELSE 'email' END,
    said.body || CASE WHEN line.no = %(rare_line)s THEN rare ELSE '' END, '', '', '{}', line.at
FROM bench_plan CROSS JOIN LATERAL (VALUES
    (0, 'request', false, t0, registered_at, true),
    (1, 'question', true, t1, spoken_at, has_question),
    (2, 'answer', false, t2, spoken_at + interval '1 minute', has_answer),
    (3, CASE WHEN is_open THEN 'reply' ELSE 'solution' END, true, t3,
     CASE WHEN is_open THEN spoken_at ELSE closed_at END, has_reply OR NOT is_open),
    (4, 'note', true, t4, spoken_at, has_note)
) AS line (no, kind, desk, text_id, at, there)
JOIN bench_text AS said ON said.id = line.text_id
WHERE line.there
"""

EVENTS = """
INSERT INTO desk_ticketevent (ticket_id, kind, at, by_id, by_name, status_from, status_to, message_id, data)
SELECT n, line.kind, line.at, CASE WHEN line.desk THEN assignee_id END,
    CASE WHEN line.desk THEN '' ELSE contact_name END,
    line.old, line.new, CASE WHEN line.message >= 0 THEN n * 8 + line.message END, '{}'
FROM bench_plan CROSS JOIN LATERAL (VALUES
    ('registered', false, registered_at, '', '', 0, true),
    ('taken', true, taken_at, 'created', 'in_progress', -1, status <> 'created'),
    ('asked', true, spoken_at, 'in_progress', 'clarification', 1, has_question),
    ('answered', false, spoken_at + interval '1 minute', '', '', 2, has_answer),
    ('taken', true, retaken_at, 'clarification', 'in_progress', -1, was_asked),
    ('replied', true, spoken_at, '', '', 3, has_reply),
    ('noted', true, spoken_at, '', '', 4, has_note),
    ('closed', true, closed_at, 'in_progress', 'done', 3, NOT is_open)
) AS line (kind, desk, at, old, new, message, there)
WHERE line.there
"""

# As the product does it: the stems of each message joined; notes are in `full` alone.
SEARCH = """
INSERT INTO desk_ticketsearch (ticket_id, public, "full")
SELECT n, public, public || CASE WHEN has_note THEN b4.vector ELSE '' END
FROM (
    SELECT n, has_note, t4, to_tsvector('russian', n::text) || heading.vector || person.vector || b0.vector
        || CASE WHEN has_question THEN b1.vector ELSE '' END || CASE WHEN has_answer THEN b2.vector ELSE '' END
        || CASE WHEN has_reply OR NOT is_open THEN b3.vector ELSE '' END
        || CASE WHEN rare = '' THEN '' ELSE to_tsvector('russian', rare) END AS public
    FROM bench_plan
    JOIN bench_text AS heading ON heading.id = subject_id
    JOIN bench_text AS b0 ON b0.id = t0 JOIN bench_text AS b1 ON b1.id = t1
    JOIN bench_text AS b2 ON b2.id = t2 JOIN bench_text AS b3 ON b3.id = t3
    JOIN bench_person AS person ON person.contact_id = bench_plan.contact_id
) AS said JOIN bench_text AS b4 ON b4.id = t4
ORDER BY n
"""
PERSONS = """
CREATE UNLOGGED TABLE bench_person AS
SELECT contact.id AS contact_id,
    to_tsvector('russian', concat_ws(' ', contact.name, contact.email, customer.name)) AS vector
FROM desk_contact AS contact JOIN desk_customer AS customer ON customer.id = contact.customer_id
"""

BLOBS = """
WITH chosen AS (SELECT n, row_number() OVER (ORDER BY n) AS no FROM bench_plan WHERE pg_temp.chance(n, 21) < 0.05),
kept AS (
    INSERT INTO core_blob (sha256, size, content, name, created_at)
    SELECT encode(sha256(content), 'hex'), length(content), content, '', %(now)s
    FROM (SELECT no, convert_to(repeat('снимок ' || n || ' ', 20), 'UTF8') AS content FROM chosen ORDER BY no) AS made
    ORDER BY no RETURNING id
)
INSERT INTO desk_attachment (id, message_id, blob_id, name, content_type, content_id, is_inline)
SELECT gen_random_uuid(), chosen.n * 8, blob.id, 'снимок экрана ' || no || '.txt', 'text/plain', '', false
FROM chosen JOIN (SELECT id, row_number() OVER (ORDER BY id) AS no FROM kept) AS blob USING (no)
"""

# A long conversation: the requester and the desk in turns, a minute apart.
LONG_MESSAGES = """
INSERT INTO desk_message (id, ticket_id, key, kind, author_id, contact_id, author_name, channel, text, quoted, html,
    verdict, at)
SELECT %(first)s + i, ticket.number, gen_random_uuid(), CASE WHEN i %% 2 = 0 THEN 'reply' ELSE 'answer' END,
    CASE WHEN i %% 2 = 0 THEN ticket.assignee_id END, CASE WHEN i %% 2 = 1 THEN ticket.contact_id END,
    CASE WHEN i %% 2 = 0 THEN desk.full_name ELSE ticket.requester_name END, 'portal', said.body, '', '', '{}',
    ticket.registered_at + interval '10 seconds' * i
FROM desk_ticket AS ticket JOIN accounts_user AS desk ON desk.id = ticket.assignee_id
CROSS JOIN generate_series(1, %(count)s) AS i JOIN bench_text AS said ON said.id = i
WHERE ticket.number = %(number)s
"""
LONG_EVENTS = """
INSERT INTO desk_ticketevent (ticket_id, kind, at, by_id, by_name, status_from, status_to, message_id, data)
SELECT ticket_id, CASE kind WHEN 'reply' THEN 'replied' ELSE 'answered' END, at, author_id,
    CASE WHEN author_id IS NULL THEN author_name ELSE '' END, '', '', id, '{}'
FROM desk_message WHERE id > %(first)s ORDER BY id
"""
# A status that stays: only requests in work get long conversations.
LONG_TICKETS = """
SELECT n FROM bench_plan WHERE status = 'in_progress' AND has_reply AND NOT has_note ORDER BY n LIMIT 6
"""
CALENDAR_TICKETS = """
SELECT ticket.number, ticket.registered_at, ticket.priority, ticket.contract_id FROM desk_ticket AS ticket
JOIN desk_contract AS contract ON contract.id = ticket.contract_id
WHERE contract.calendar_id IS NOT NULL AND ticket.closed_at IS NULL
"""
SET_DEADLINE = """
UPDATE desk_ticket SET due_at = %(due)s, queue_at = CASE queue_rank WHEN 1 THEN %(due)s ELSE queue_at END
WHERE number = %(number)s
"""
LONG_REST = """
WITH said AS (SELECT max(at) AS at, to_tsvector('russian', string_agg(text, ' ')) AS vector FROM desk_message
              WHERE id > %(first)s),
found AS (UPDATE desk_ticketsearch SET public = public || vector, "full" = "full" || vector FROM said
          WHERE ticket_id = %(number)s)
UPDATE desk_ticket SET touched_at = at FROM said WHERE number = %(number)s
"""
# Deadlines that had passed were told of when they passed; else the first worker would tell of thousands at once.
PASSED = """
WITH passed AS (
    SELECT number, due_at FROM desk_ticket WHERE due_at <= %(now)s AND (status IN ('created', 'in_progress')
        OR status = 'clarification' AND asked_at > due_at OR status = 'done' AND closed_at > due_at)
), noticed AS (
    INSERT INTO desk_deadlinenotice (ticket_id, kind, due_at, moment, noticed_at)
    SELECT number, 'overdue', due_at, due_at, due_at FROM passed
), told AS (
    INSERT INTO desk_ticketevent (ticket_id, kind, at, by_name, status_from, status_to, data)
    SELECT number, 'overdue', due_at, '', '', '', jsonb_build_object('due', due_at, 'moment', due_at)
    FROM passed ORDER BY number
)
UPDATE desk_ticket AS ticket SET touched_at = greatest(touched_at, passed.due_at) FROM passed
WHERE ticket.number = passed.number
"""
