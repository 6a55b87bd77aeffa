-- A log of version 1 of the database, as dalaba wrote it before microphones were listened to.
BEGIN;
CREATE TABLE record (
  seq INTEGER PRIMARY KEY,
  format INTEGER NOT NULL CHECK (format > 0),
  run INTEGER NOT NULL CHECK (run > 0),
  kind TEXT NOT NULL CHECK (kind IN ('run_started', 'ordered', 'on_air', 'closed', 'clock', 'run_ended')),
  at TEXT NOT NULL CHECK (at GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9].[0-9][0-9][0-9]Z'),
  airing TEXT,
  station TEXT,
  playlist TEXT,
  message TEXT,
  slot TEXT,
  position INTEGER CHECK (position >= 0),
  due TEXT,
  due_utc TEXT CHECK (due_utc GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9].[0-9][0-9][0-9]Z'),
  priority TEXT CHECK (priority IN ('routine', 'important', 'urgent', 'emergency')),
  status TEXT CHECK (status IN ('actual', 'drill', 'test')),
  start TEXT CHECK (start IN ('soft', 'hard')),
  grace_ms INTEGER CHECK (grace_ms >= 0),
  origin TEXT CHECK (origin IN ('schedule', 'said')),
  said_by TEXT,
  text TEXT,
  audio TEXT,
  language TEXT,
  times INTEGER CHECK (times >= 0),
  voice TEXT,
  planned_ms INTEGER CHECK (planned_ms >= 0),
  outcome TEXT CHECK (outcome IN ('completed', 'completed_late', 'partial', 'preempted', 'suppressed', 'missed', 'failed', 'cancelled')),
  reason TEXT CHECK (reason IN ('quiet_hours', 'noise_limit', 'holiday', 'power_off', 'clock_untrusted', 'clock_stepped', 'grace_passed', 'output_absent', 'output_failed', 'render_failed', 'file_missing', 'operator_stop', 'higher_priority', 'superseded', 'expired', 'shutdown')),
  detail TEXT,
  started TEXT CHECK (started GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9].[0-9][0-9][0-9]Z'),
  ended TEXT CHECK (ended GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9].[0-9][0-9][0-9]Z'),
  heard_ms INTEGER CHECK (heard_ms >= 0),
  readings INTEGER CHECK (readings >= 0),
  version TEXT,
  boot TEXT,
  steady_ms INTEGER CHECK (steady_ms >= 0),
  clock TEXT CHECK (clock IN ('trusted', 'untrusted', 'stepped')),
  clock_from TEXT CHECK (clock_from GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9].[0-9][0-9][0-9]Z'),
  clock_to TEXT CHECK (clock_to GLOB '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9].[0-9][0-9][0-9]Z'),
  anchor_seq INTEGER CHECK (anchor_seq >= 0),
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  CHECK ((kind IN ('ordered', 'on_air', 'closed')) = (airing IS NOT NULL)),
  CHECK (kind <> 'ordered' OR origin = 'said'),
  CHECK ((airing IS NULL) = (station IS NULL) AND (airing IS NULL) = (due_utc IS NULL)),
  CHECK ((airing IS NULL) = (message IS NULL) AND (airing IS NULL) = (due IS NULL)),
  CHECK ((kind = 'closed') = (outcome IS NOT NULL)),
  CHECK (kind <> 'closed' OR outcome = 'completed_late' OR (outcome = 'completed') = (reason IS NULL)),
  CHECK (kind = 'closed' OR reason IS NULL),
  CHECK ((kind = 'run_started') = (boot IS NOT NULL)),
  CHECK ((kind IN ('run_started', 'clock')) = (clock IS NOT NULL)),
  CHECK ((clock IS 'stepped') = (clock_from IS NOT NULL) AND (clock_from IS NULL) = (clock_to IS NULL))
) STRICT;
INSERT INTO "record" VALUES(1,1,1,'run_started','2026-11-26T15:35:49.773Z',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'0.1.0','5071ba09-3c1b-4ec3-b3b6-3d610f26bffa',16259218,'trusted',NULL,NULL,NULL,X'5E403283C21E2858041C703FC6E6E11AB198D4ECBED80C7FD1D854DE13683FF4');
INSERT INTO "record" VALUES(2,1,1,'ordered','2026-11-26T15:35:54.652Z','赵家庄/say/r1-1@2026-11-26T23:35:54.652+08:00','赵家庄','say','r1-1','赵家庄/say/r1-1@2026-11-26T23:35:54.652+08:00',0,'2026-11-26T23:35:54.652+08:00','2026-11-26T15:35:54.652Z','routine','actual','soft',600000,'said','root','安全带就是生命带!',NULL,'zh',1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,X'57993BB47C9C28C1D092B8AE22425D95A435CC31F09DA895FE47184AAF6AD911');
INSERT INTO "record" VALUES(3,1,1,'on_air','2026-11-26T15:35:54.861Z','赵家庄/say/r1-1@2026-11-26T23:35:54.652+08:00','赵家庄','say','r1-1','赵家庄/say/r1-1@2026-11-26T23:35:54.652+08:00',0,'2026-11-26T23:35:54.652+08:00','2026-11-26T15:35:54.652Z','routine','actual','soft',600000,'said','root','安全带就是生命带!',NULL,'zh',1,'espeak cmn-latn-pinyin',2425,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,X'57379D939F066BF77450E3DB5F3517F1A0D22D068774777BFE07B81C09E58DBC');
INSERT INTO "record" VALUES(4,1,1,'closed','2026-11-26T15:35:57.338Z','赵家庄/say/r1-1@2026-11-26T23:35:54.652+08:00','赵家庄','say','r1-1','赵家庄/say/r1-1@2026-11-26T23:35:54.652+08:00',0,'2026-11-26T23:35:54.652+08:00','2026-11-26T15:35:54.652Z','routine','actual','soft',600000,'said','root','安全带就是生命带!',NULL,'zh',1,'espeak cmn-latn-pinyin',NULL,'completed',NULL,'','2026-11-26T15:35:54.886Z','2026-11-26T15:35:57.312Z',2425,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,X'848D05F3466FE0920B03F4A6EBA49AECEEC62DCE4E5FD0F4F8CDD49908ECA811');
INSERT INTO "record" VALUES(5,1,1,'run_ended','2026-11-26T15:36:14.626Z',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,X'2DA8A5707D29AD8A2D304CFC04484647CA58780D127E8FD32B893479A362BEF0');
CREATE UNIQUE INDEX one_order ON record (airing) WHERE kind = 'ordered';
CREATE UNIQUE INDEX one_on_air ON record (airing) WHERE kind = 'on_air';
CREATE UNIQUE INDEX one_close ON record (airing) WHERE kind = 'closed';
CREATE INDEX by_due ON record (due_utc) WHERE airing IS NOT NULL;
CREATE TRIGGER no_update BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;
CREATE TRIGGER no_delete BEFORE DELETE ON record BEGIN SELECT RAISE(ABORT, 'records are never deleted'); END;
CREATE TRIGGER in_turn BEFORE INSERT ON record WHEN new.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM record) BEGIN SELECT RAISE(ABORT, 'records are numbered in turn'); END;
CREATE TRIGGER once BEFORE INSERT ON record WHEN new.airing IS NOT NULL AND EXISTS (SELECT 1 FROM record WHERE airing = new.airing AND (kind = 'closed' OR kind = new.kind OR new.kind = 'ordered')) BEGIN SELECT RAISE(ABORT, 'an airing is ordered first, on air once and closed once'); END;
PRAGMA application_id = 1684106337; PRAGMA user_version = 1; COMMIT;
