"""The tables of the district on PostgreSQL: facts in partitions by their own day, one position allocator a community."""

from district.store.registry_schema import REGISTRY

FACTS = (
    """CREATE TABLE facts (
        position BIGINT NOT NULL, id UUID NOT NULL, device TEXT NOT NULL, epoch BIGINT NOT NULL, seq BIGINT NOT NULL,
        kind TEXT NOT NULL, schema BIGINT NOT NULL, community TEXT NOT NULL, subject TEXT, at BIGINT NOT NULL,
        clock TEXT NOT NULL, hlc TEXT NOT NULL, digest BYTEA NOT NULL, hash BYTEA NOT NULL, received BIGINT NOT NULL,
        trusted SMALLINT NOT NULL, lane SMALLINT NOT NULL
    ) PARTITION BY RANGE (at)""",
    "CREATE INDEX facts_key ON facts (device, epoch, seq)",
    "CREATE INDEX facts_feed ON facts (community, lane, position)",
    "CREATE INDEX facts_subject ON facts (subject, at) WHERE subject IS NOT NULL",
    "CREATE TABLE facts_other PARTITION OF facts DEFAULT",
    """CREATE TABLE payloads (
        community TEXT NOT NULL, position BIGINT NOT NULL, at BIGINT NOT NULL, salt BYTEA, body BYTEA,
        PRIMARY KEY (community, position, at)
    ) PARTITION BY RANGE (at)""",
    "CREATE TABLE payloads_other PARTITION OF payloads DEFAULT",
    # a unique index over partitions must hold the day; ids are unique over all of them
    "CREATE TABLE fact_ids (id UUID PRIMARY KEY, community TEXT NOT NULL, position BIGINT NOT NULL, at BIGINT NOT NULL)",
    """CREATE TABLE evidence (
        device TEXT NOT NULL, epoch BIGINT NOT NULL, seq BIGINT NOT NULL, id TEXT NOT NULL, fact TEXT NOT NULL,
        salt BYTEA, body BYTEA, PRIMARY KEY (device, epoch, seq)
    )""",
    """CREATE TABLE quarantine (
        device TEXT NOT NULL, epoch BIGINT NOT NULL, seq BIGINT NOT NULL, reason TEXT NOT NULL, raw BYTEA NOT NULL,
        received BIGINT NOT NULL, PRIMARY KEY (device, epoch, seq)
    )""",
    """CREATE TABLE streams (
        device TEXT NOT NULL, epoch BIGINT NOT NULL, through BIGINT NOT NULL, greatest BIGINT NOT NULL,
        PRIMARY KEY (device, epoch)
    )""",
    "CREATE TABLE feeds (community TEXT PRIMARY KEY, position BIGINT NOT NULL)",
    """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$""",
    """CREATE TRIGGER facts_immutable BEFORE UPDATE OR DELETE ON facts
       FOR EACH ROW EXECUTE FUNCTION refuse('an envelope is immutable')""",
    """CREATE TRIGGER payloads_only_erased BEFORE UPDATE ON payloads
       FOR EACH ROW WHEN (NEW.body IS NOT NULL OR NEW.salt IS NOT NULL)
       EXECUTE FUNCTION refuse('a payload can only be erased')""",
    """CREATE TRIGGER payloads_kept BEFORE DELETE ON payloads
       FOR EACH ROW EXECUTE FUNCTION refuse('a payload can only be erased')""",
    # A second wall: a reader sees the communities it was told of, whatever the statement forgot to say.
    "ALTER TABLE facts ENABLE ROW LEVEL SECURITY",
    """CREATE POLICY scope ON facts FOR SELECT
       USING (community = ANY (string_to_array(current_setting('shouwang.communities', true), E'\\x1f')))""",
    *REGISTRY,
)

_UNMENDED = "WHEN (current_setting('shouwang.mending', true) IS DISTINCT FROM 'on')"
MENDING = (
    "DROP TRIGGER facts_immutable ON facts",
    f"""CREATE TRIGGER facts_immutable BEFORE UPDATE OR DELETE ON facts
        FOR EACH ROW {_UNMENDED} EXECUTE FUNCTION refuse('an envelope is immutable')""",
    "DROP TRIGGER payloads_kept ON payloads",
    f"""CREATE TRIGGER payloads_kept BEFORE DELETE ON payloads
        FOR EACH ROW {_UNMENDED} EXECUTE FUNCTION refuse('a payload can only be erased')""",
)
