"""Tables of the registry in the SQL that SQLite and PostgreSQL share: who may speak, and what facts have told of people."""

REGISTRY = (
    """CREATE TABLE devices (
        id TEXT PRIMARY KEY, role TEXT NOT NULL, name TEXT NOT NULL, communities TEXT NOT NULL, -- JSON
        gate_log BIGINT NOT NULL, sign_key TEXT NOT NULL UNIQUE, box_key TEXT NOT NULL,
        epoch BIGINT NOT NULL, scope_epoch BIGINT NOT NULL, enrolled BIGINT NOT NULL, revoked BIGINT
    )""",
    """CREATE TABLE codes (
        hash TEXT PRIMARY KEY, role TEXT NOT NULL, community TEXT NOT NULL, gate_log BIGINT NOT NULL, expires BIGINT NOT NULL
    )""",
    "CREATE TABLE cursors (device TEXT PRIMARY KEY, cursor TEXT NOT NULL, at BIGINT NOT NULL)",
    # of one person in one community: whether the home is watched (consent or plan), whether erased
    """CREATE TABLE people (
        person TEXT NOT NULL, community TEXT NOT NULL, watched BIGINT NOT NULL, erased BIGINT,
        PRIMARY KEY (person, community)
    )""",
    """CREATE TABLE homes (
        community TEXT NOT NULL, name TEXT NOT NULL, elder TEXT NOT NULL, place TEXT NOT NULL,
        PRIMARY KEY (community, name)
    )""",
    "CREATE TABLE bridges (id TEXT PRIMARY KEY, community TEXT NOT NULL, secret TEXT NOT NULL, revoked BIGINT)",
    # people who sign in; `grants` is JSON {community: [role, …]}, `addresses` JSON [[channel, address], …], `totp` sealed
    """CREATE TABLE accounts (
        person TEXT PRIMARY KEY, login TEXT NOT NULL UNIQUE, name TEXT NOT NULL, language TEXT NOT NULL,
        password TEXT, totp TEXT, grants TEXT NOT NULL, addresses TEXT NOT NULL,
        failures BIGINT NOT NULL, locked_until BIGINT NOT NULL, disabled BIGINT, created BIGINT NOT NULL
    )""",
    "CREATE TABLE sessions (hash TEXT PRIMARY KEY, person TEXT NOT NULL, created BIGINT NOT NULL, expires BIGINT NOT NULL)",
    "CREATE INDEX sessions_person ON sessions (person)",
    "CREATE TABLE invitations (hash TEXT PRIMARY KEY, person TEXT NOT NULL, expires BIGINT NOT NULL)",
    # who looked at whom and who changed what, each line chained to the one before
    """CREATE TABLE audit (
        line BIGINT PRIMARY KEY, at BIGINT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, about TEXT NOT NULL,
        detail TEXT NOT NULL, hash TEXT NOT NULL
    )""",
    "CREATE TABLE audit_heads (day TEXT PRIMARY KEY, line BIGINT NOT NULL, hash TEXT NOT NULL, signature TEXT NOT NULL)",
    "CREATE TABLE notes (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
)

# the hub a device is enrolled with, where that is not this server
VIA = "ALTER TABLE devices ADD COLUMN via TEXT"
