"""What years of use need: full text by owner, and sums that the database keeps beside votes, answers and calls.

The old full text goes away here; its messages come into the new one portion by portion afterwards (`store.reindex`).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

NAME = sa.String(200)

# A token is its word behind the code of the owner and of who said it ("q" a person, "a" a model): "q62656265:moon".
SQLITE_CODE = "CASE new.role WHEN 'user' THEN 'q' ELSE 'a' END || lower(hex(substr(c.owner_id, 1, 4)))"
SQLITE_ADD = f"""
    INSERT INTO search_places (seq, code)
    SELECT new.seq, {SQLITE_CODE} FROM conversations c WHERE c.id = new.conversation_id AND new.words <> '';
    INSERT INTO message_words (rowid, words)
    SELECT seq, code || ':' || replace(new.words, ' ', ' ' || code || ':') FROM search_places WHERE seq = new.seq;"""  # noqa: S608
SQLITE_TAKE = """
    INSERT INTO message_words (message_words, rowid, words)
    SELECT 'delete', seq, code || ':' || replace(old.words, ' ', ' ' || code || ':')
    FROM search_places WHERE seq = old.seq;"""
SQLITE_SEARCH = (
    """CREATE VIRTUAL TABLE message_words USING fts5(words, content='', detail='none',
       tokenize="unicode61 remove_diacritics 0 categories 'L* N* M* P* S* Co Cn'")""",
    f"CREATE TRIGGER search_added AFTER INSERT ON messages WHEN new.words <> '' BEGIN {SQLITE_ADD} END",
    f"CREATE TRIGGER search_removed BEFORE DELETE ON messages WHEN old.words <> '' BEGIN {SQLITE_TAKE} END",
    f"""CREATE TRIGGER search_changed AFTER UPDATE OF words ON messages BEGIN {SQLITE_TAKE}
        DELETE FROM search_places WHERE seq = new.seq; {SQLITE_ADD} END""",  # noqa: S608
)
SQLITE_OLD_SEARCH = (
    "DROP TRIGGER messages_added",
    "DROP TRIGGER messages_removed",
    "DROP TRIGGER messages_changed",
    "DROP TABLE message_words",
)
POSTGRESQL_SEARCH = (
    "ALTER TABLE search_places ADD COLUMN terms tsvector NOT NULL",
    # Tokens lie apart, so that the places of a common word are read from few pages.
    "ALTER TABLE search_places ALTER COLUMN terms SET STORAGE EXTERNAL",
    "ALTER TABLE search_places SET (toast_tuple_target = 128)",
    "CREATE INDEX messages_terms ON search_places USING gin (terms)",
    """CREATE FUNCTION search_place() RETURNS trigger LANGUAGE plpgsql AS $$
       DECLARE behind text;
       BEGIN
         IF TG_OP = 'UPDATE' THEN DELETE FROM search_places WHERE seq = new.seq; END IF;
         IF new.words <> '' THEN
           SELECT CASE new.role WHEN 'user' THEN 'q' ELSE 'a' END
                  || encode(convert_to(left(owner_id, 4), 'UTF8'), 'hex')
           INTO behind FROM conversations WHERE id = new.conversation_id;
           INSERT INTO search_places (seq, code, terms) VALUES (new.seq, behind, array_to_tsvector(
             string_to_array(behind || ':' || replace(new.words, ' ', ' ' || behind || ':'), ' ')));
         END IF;
         RETURN NULL;
       END $$""",
    """CREATE TRIGGER search_placed AFTER INSERT OR UPDATE OF words ON messages
       FOR EACH ROW EXECUTE FUNCTION search_place()""",
)
POSTGRESQL_OLD_SEARCH = ("DROP INDEX messages_terms", "ALTER TABLE messages DROP COLUMN terms")

# What a vote says for the leaderboard: its models once each, in an order that is always the same, and the chosen one.
SQLITE_SAID = """CREATE VIEW vote_said AS SELECT run_id, turn, owner_id, topic, blind, outcome,
    coalesce(json_extract(lanes, '$[' || place || '][1]'), '') AS winner,
    coalesce((SELECT group_concat(model, char(10)) FROM
     (SELECT DISTINCT json_extract(value, '$[1]') AS model FROM json_each(votes.lanes) ORDER BY 1)), '') AS models
    FROM votes"""
POSTGRESQL_SAID = """CREATE VIEW vote_said AS SELECT run_id, turn, owner_id, topic, blind, outcome,
    coalesce(lanes -> place ->> 1, '') AS winner,
    coalesce((SELECT string_agg(model, chr(10) ORDER BY model) FROM
     (SELECT DISTINCT lane ->> 1 AS model FROM jsonb_array_elements(votes.lanes) AS lane) AS shown), '') AS models
    FROM votes"""
KEY = "owner_id, topic, blind, outcome, winner, models"
ADD_VOTES = f"""INSERT INTO vote_sums ({KEY}, n) SELECT {KEY}, {{sign}} count(*) FROM vote_said
    WHERE run_id = {{row}}.{{name}} {{more}} GROUP BY {KEY}
    ON CONFLICT ({KEY}) DO UPDATE SET n = vote_sums.n + excluded.n;"""  # noqa: S608
HERE = "EXISTS (SELECT 1 FROM conversations WHERE id = {row}.run_id AND deleted_at IS NULL)"
VOTED = ADD_VOTES.format(sign="", row="new", name="run_id", more="AND turn = new.turn")
TAKEN = ADD_VOTES.format(sign="-", row="old", name="run_id", more="AND turn = old.turn")
GONE = ADD_VOTES.format(sign="-", row="old", name="id", more="")
BACK = ADD_VOTES.format(sign="", row="old", name="id", more="")
SQLITE_VOTES = (
    f"CREATE TRIGGER votes_added AFTER INSERT ON votes WHEN {HERE.format(row='new')} BEGIN {VOTED} END",
    f"CREATE TRIGGER votes_removed BEFORE DELETE ON votes WHEN {HERE.format(row='old')} BEGIN {TAKEN} END",
    f"""CREATE TRIGGER votes_gone AFTER UPDATE OF deleted_at ON conversations
        WHEN old.deleted_at IS NULL AND new.deleted_at IS NOT NULL BEGIN {GONE} END""",
    f"""CREATE TRIGGER votes_back AFTER UPDATE OF deleted_at ON conversations
        WHEN old.deleted_at IS NOT NULL AND new.deleted_at IS NULL BEGIN {BACK} END""",
    f"""CREATE TRIGGER votes_purged BEFORE DELETE ON conversations WHEN old.deleted_at IS NULL BEGIN {GONE} END""",
)
POSTGRESQL_VOTES = (
    f"""CREATE FUNCTION vote_counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'INSERT' THEN IF {HERE.format(row="new")} THEN {VOTED} END IF; RETURN new; END IF;
        IF {HERE.format(row="old")} THEN {TAKEN} END IF; RETURN old; END $$""",
    f"""CREATE FUNCTION votes_of_run_counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'DELETE' THEN IF old.deleted_at IS NULL THEN {GONE} END IF; RETURN old; END IF;
        IF old.deleted_at IS NULL AND new.deleted_at IS NOT NULL THEN {GONE} END IF;
        IF old.deleted_at IS NOT NULL AND new.deleted_at IS NULL THEN {BACK} END IF; RETURN new; END $$""",
    "CREATE TRIGGER votes_added AFTER INSERT ON votes FOR EACH ROW EXECUTE FUNCTION vote_counted()",
    "CREATE TRIGGER votes_removed BEFORE DELETE ON votes FOR EACH ROW EXECUTE FUNCTION vote_counted()",
    """CREATE TRIGGER votes_gone AFTER UPDATE OF deleted_at ON conversations
       FOR EACH ROW EXECUTE FUNCTION votes_of_run_counted()""",
    """CREATE TRIGGER votes_purged BEFORE DELETE ON conversations
       FOR EACH ROW EXECUTE FUNCTION votes_of_run_counted()""",
)
SAID_KEY = ", ".join(f"said.{name}" for name in KEY.split(", "))
SUM_VOTES = f"""INSERT INTO vote_sums ({KEY}, n) SELECT {SAID_KEY}, count(*) FROM vote_said AS said
    JOIN conversations ON conversations.id = said.run_id AND conversations.deleted_at IS NULL
    GROUP BY {SAID_KEY}"""  # noqa: S608

KEEP = """INSERT INTO cache_sizes (owner_id, answers, size_bytes) VALUES (new.owner_id, 1, new.size_bytes)
    ON CONFLICT (owner_id) DO UPDATE
    SET answers = cache_sizes.answers + 1, size_bytes = cache_sizes.size_bytes + excluded.size_bytes;"""
DROP = """UPDATE cache_sizes SET answers = answers - 1, size_bytes = size_bytes - old.size_bytes
    WHERE owner_id = old.owner_id;"""
SQLITE_CACHE = (
    f"CREATE TRIGGER cached_answers_added AFTER INSERT ON cached_answers BEGIN {KEEP} END",
    f"CREATE TRIGGER cached_answers_removed AFTER DELETE ON cached_answers BEGIN {DROP} END",
    f"""CREATE TRIGGER cached_answers_moved AFTER UPDATE OF owner_id, size_bytes ON cached_answers
        BEGIN {DROP} {KEEP} END""",
)
POSTGRESQL_CACHE = (
    f"""CREATE FUNCTION cached_answer_counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP <> 'INSERT' THEN {DROP} END IF; IF TG_OP <> 'DELETE' THEN {KEEP} END IF; RETURN NULL; END $$""",
    """CREATE TRIGGER cached_answers_counted AFTER INSERT OR DELETE OR UPDATE OF owner_id, size_bytes ON cached_answers
       FOR EACH ROW EXECUTE FUNCTION cached_answer_counted()""",
)
SUM_CACHE = """INSERT INTO cache_sizes (owner_id, answers, size_bytes)
    SELECT owner_id, count(*), sum(size_bytes) FROM cached_answers GROUP BY owner_id"""

# Hours that begin 0, 15, 30 or 45 minutes before a full hour of UTC: a day of any zone is made of whole ones of a kind.
SUM_CALLS = """WITH quarters AS MATERIALIZED (
        SELECT owner_id, provider_id, at / 900000000 AS quarter,
               count(CASE WHEN sent IS NOT FALSE THEN 1 END) AS requests,
               count(CASE WHEN outcome <> 'ok' AND sent IS NOT FALSE THEN 1 END) AS failures,
               count(CASE WHEN input_tokens IS NOT NULL OR output_tokens IS NOT NULL THEN 1 END) AS counted,
               coalesce(sum(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)), 0) AS tokens,
               count(CASE WHEN estimated THEN 1 END) AS estimated, count(CASE WHEN sent IS FALSE THEN 1 END) AS unsent
        FROM calls WHERE NOT cached GROUP BY owner_id, provider_id, at / 900000000)
    INSERT INTO usage_hours (owner_id, phase, hour, provider_id, requests, failures, counted, tokens, estimated, unsent)
    SELECT owner_id, phase, (quarter + phase) / 4, provider_id, sum(requests), sum(failures), sum(counted), sum(tokens),
           sum(estimated), sum(unsent)
    FROM quarters CROSS JOIN (SELECT 0 AS phase UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) AS phases
    GROUP BY owner_id, phase, (quarter + phase) / 4, provider_id"""

COUNT_CALL = """INSERT INTO usage_hours
        (owner_id, phase, hour, provider_id, requests, failures, counted, tokens, estimated, unsent)
    SELECT {row}.owner_id, phase, ({row}.at / 900000000 + phase) / 4, {row}.provider_id,
           {sign} CASE WHEN {row}.sent IS FALSE THEN 0 ELSE 1 END,
           {sign} CASE WHEN {row}.outcome <> 'ok' AND {row}.sent IS NOT FALSE THEN 1 ELSE 0 END,
           {sign} CASE WHEN {row}.input_tokens IS NOT NULL OR {row}.output_tokens IS NOT NULL THEN 1 ELSE 0 END,
           {sign} (coalesce({row}.input_tokens, 0) + coalesce({row}.output_tokens, 0)),
           {sign} CASE WHEN {row}.estimated THEN 1 ELSE 0 END, {sign} CASE WHEN {row}.sent IS FALSE THEN 1 ELSE 0 END
    FROM (SELECT 0 AS phase UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3) AS phases
    WHERE NOT {row}.cached
    ON CONFLICT (owner_id, phase, hour, provider_id) DO UPDATE SET
        requests = usage_hours.requests + excluded.requests, failures = usage_hours.failures + excluded.failures,
        counted = usage_hours.counted + excluded.counted, tokens = usage_hours.tokens + excluded.tokens,
        estimated = usage_hours.estimated + excluded.estimated, unsent = usage_hours.unsent + excluded.unsent;"""
ADD_CALL, TAKE_CALL = COUNT_CALL.format(row="new", sign=""), COUNT_CALL.format(row="old", sign="-")
SQLITE_CALLS = (
    f"CREATE TRIGGER calls_added AFTER INSERT ON calls WHEN NOT new.cached BEGIN {ADD_CALL} END",
    f"CREATE TRIGGER calls_removed AFTER DELETE ON calls WHEN NOT old.cached BEGIN {TAKE_CALL} END",
)
POSTGRESQL_CALLS = (
    f"""CREATE FUNCTION call_counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP = 'INSERT' THEN {ADD_CALL} ELSE {TAKE_CALL} END IF; RETURN NULL; END $$""",
    "CREATE TRIGGER calls_counted AFTER INSERT OR DELETE ON calls FOR EACH ROW EXECUTE FUNCTION call_counted()",
)
BACKLOG = (
    "INSERT INTO search_backlog (below, began) SELECT max(seq) + 1, max(seq) + 1 FROM messages HAVING count(*) > 0"
)


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    _tables()
    _run(SQLITE_OLD_SEARCH + SQLITE_SEARCH if sqlite else POSTGRESQL_OLD_SEARCH + POSTGRESQL_SEARCH)
    _run((SQLITE_SAID, *SQLITE_VOTES) if sqlite else (POSTGRESQL_SAID, *POSTGRESQL_VOTES))
    _run(SQLITE_CACHE if sqlite else POSTGRESQL_CACHE)
    _run(SQLITE_CALLS if sqlite else POSTGRESQL_CALLS)
    _run((SUM_VOTES, SUM_CACHE, SUM_CALLS))
    _run((BACKLOG,))
    op.create_index("calls_at", "calls", ["at"])


def _run(statements: tuple[str, ...]) -> None:
    """As they are: a colon in them names no parameter."""
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)


def _tables() -> None:
    op.create_table(
        "search_places",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.ForeignKey("messages.seq", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("code", sa.Text, nullable=False),
    )
    op.create_index("search_places_code", "search_places", ["code", "seq"])
    op.create_table(
        "search_backlog",
        sa.Column("below", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("began", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "vote_sums",
        sa.Column("owner_id", NAME, nullable=False),
        sa.Column("topic", sa.String(24), nullable=False),
        sa.Column("blind", sa.Boolean, nullable=False),
        sa.Column("outcome", sa.String(8), nullable=False),
        sa.Column("winner", sa.Text, nullable=False),
        sa.Column("models", sa.Text, nullable=False),
        sa.Column("n", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint(*KEY.split(", ")),
    )
    op.create_table(
        "cache_sizes",
        sa.Column("owner_id", NAME, primary_key=True),
        sa.Column("answers", sa.BigInteger, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
    )
    counts = ("requests", "failures", "counted", "tokens", "estimated", "unsent")
    op.create_table(
        "usage_hours",
        sa.Column("owner_id", NAME, nullable=False),
        sa.Column("phase", sa.Integer, nullable=False),
        sa.Column("hour", sa.Integer, nullable=False),
        sa.Column("provider_id", NAME, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in counts),
        sa.PrimaryKeyConstraint("owner_id", "phase", "hour", "provider_id"),
        sqlite_with_rowid=False,
    )
