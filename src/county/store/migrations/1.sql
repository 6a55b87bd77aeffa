-- One text for SQLite and PostgreSQL: BIGINT, TEXT and BYTEA are columns that both know, and nothing else is used.
-- Times are milliseconds since 1970, UTC, by the county's clock, unless a column says otherwise.

-- Counters by which every node sees that something changed.
CREATE TABLE change (one BIGINT PRIMARY KEY, offers BIGINT NOT NULL, sites BIGINT NOT NULL);
INSERT INTO change (one, offers, sites) VALUES (1, 1, 1);

-- Every root from the first to the one in force, as signed.
CREATE TABLE root (version BIGINT PRIMARY KEY, envelope BYTEA NOT NULL, received_at BIGINT NOT NULL);

-- One row a daemon. Of its token only the SHA-256.
CREATE TABLE site (
    name TEXT PRIMARY KEY,
    token BYTEA NOT NULL UNIQUE,
    version TEXT NOT NULL,
    enrolled_at BIGINT NOT NULL,
    revoked_at BIGINT
);

-- The stations of a daemon; zones as a JSON list.
CREATE TABLE station (
    site TEXT NOT NULL REFERENCES site (name),
    id TEXT NOT NULL,
    zones TEXT NOT NULL,
    PRIMARY KEY (site, id)
);

-- Codes that nobody has used yet. An HMAC is verified with the secret itself: a row goes when it was used or is over.
CREATE TABLE code (
    name TEXT PRIMARY KEY,
    code TEXT NOT NULL,
    site TEXT NOT NULL,
    expires BIGINT NOT NULL,
    tries BIGINT NOT NULL
);

-- Bundles as signed; target as a JSON list.
CREATE TABLE bundle (
    payload BYTEA PRIMARY KEY,
    campaign TEXT NOT NULL,
    serial BIGINT NOT NULL,
    envelope BYTEA NOT NULL,
    target TEXT NOT NULL,
    not_before BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    UNIQUE (campaign, serial)
);

-- Files of bundles, in pieces: every node reaches them, and a piece fits into memory. A file counts once its row is here.
CREATE TABLE file (sha256 BYTEA PRIMARY KEY, bytes BIGINT NOT NULL);
CREATE TABLE piece (
    sha256 BYTEA NOT NULL,
    place BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (sha256, place)
);

-- Alerts as signed; target as a JSON list.
CREATE TABLE alert (
    payload BYTEA PRIMARY KEY,
    sender TEXT NOT NULL,
    identifier TEXT NOT NULL,
    sent TEXT NOT NULL,
    envelope BYTEA NOT NULL,
    target TEXT NOT NULL,
    expires BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    UNIQUE (sender, identifier, sent)
);

-- As-run logs, and how far each has arrived. epoch is the hash of a log's first record.
CREATE TABLE log (
    site TEXT NOT NULL REFERENCES site (name),
    epoch BYTEA NOT NULL,
    through BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (site, epoch)
);

-- The records themselves. facts is the record as it came (JSON); the columns after it are taken from it.
CREATE TABLE fact (
    site TEXT NOT NULL,
    epoch BYTEA NOT NULL,
    seq BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    received_at BIGINT NOT NULL,
    late BIGINT NOT NULL,
    facts TEXT NOT NULL,
    kind TEXT NOT NULL,
    run BIGINT,
    at BIGINT,
    airing TEXT,
    station TEXT,
    playlist TEXT,
    message TEXT,
    due BIGINT,
    priority TEXT,
    status TEXT,
    outcome TEXT,
    reason TEXT,
    started BIGINT,
    ended BIGINT,
    heard_ms BIGINT,
    PRIMARY KEY (site, epoch, seq)
);
CREATE INDEX fact_by_due ON fact (due, station);

-- How far something that the county sent came. about is kind and name: bundle:SHA-256, alert:SHA-256, root:VERSION.
CREATE TABLE receipt (
    site TEXT NOT NULL REFERENCES site (name),
    about TEXT NOT NULL,
    step TEXT NOT NULL,
    at BIGINT NOT NULL,
    clock_trusted BIGINT NOT NULL,
    reason TEXT NOT NULL,
    campaign TEXT,
    serial BIGINT,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (site, about, step, at)
);

-- The newest word of each daemon on how it is, as it came (JSON).
CREATE TABLE health (
    site TEXT PRIMARY KEY REFERENCES site (name),
    received_at BIGINT NOT NULL,
    at BIGINT NOT NULL,
    health TEXT NOT NULL
);

-- Who did what here.
CREATE TABLE audit (at BIGINT NOT NULL, who TEXT NOT NULL, did TEXT NOT NULL, about TEXT NOT NULL);
CREATE INDEX audit_by_time ON audit (at);
