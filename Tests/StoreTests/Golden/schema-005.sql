PRAGMA application_id = 1129466958;
PRAGMA user_version = 5;

CREATE TABLE account (
  name TEXT PRIMARY KEY,
  quote TEXT NOT NULL,
  mode TEXT NOT NULL CHECK (mode IN ('paper', 'live')),
  initial TEXT NOT NULL,
  opened INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE attempt (
  run INTEGER NOT NULL REFERENCES run (id),
  n INTEGER NOT NULL CHECK (n >= 1),
  holder TEXT NOT NULL,
  started INTEGER NOT NULL,
  ended INTEGER,
  outcome TEXT CHECK (outcome IN ('succeeded', 'failed', 'timed-out', 'skipped', 'interrupted',
    'crashed')),
  reason TEXT,
  PRIMARY KEY (run, n),
  CHECK ((ended IS NULL) = (outcome IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  id INTEGER PRIMARY KEY,
  time INTEGER NOT NULL,
  kind TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;

CREATE TABLE candle (
  series INTEGER NOT NULL REFERENCES series (id),
  time INTEGER NOT NULL,
  open REAL NOT NULL,
  high REAL NOT NULL,
  low REAL NOT NULL,
  close REAL NOT NULL,
  volume REAL NOT NULL,
  run INTEGER REFERENCES run (id),
  PRIMARY KEY (series, time)
) STRICT, WITHOUT ROWID;

CREATE TABLE candle_correction (
  series INTEGER NOT NULL REFERENCES series (id),
  time INTEGER NOT NULL,
  corrected INTEGER NOT NULL,
  open REAL NOT NULL,
  high REAL NOT NULL,
  low REAL NOT NULL,
  close REAL NOT NULL,
  volume REAL NOT NULL,
  run INTEGER REFERENCES run (id),
  corrected_by INTEGER REFERENCES run (id),
  PRIMARY KEY (series, time, corrected)
) STRICT, WITHOUT ROWID;

CREATE TABLE cash (
  account TEXT NOT NULL REFERENCES account (name),
  asset TEXT NOT NULL,
  amount TEXT NOT NULL,
  updated INTEGER NOT NULL,
  PRIMARY KEY (account, asset)
) STRICT, WITHOUT ROWID;

CREATE TABLE entry (
  id INTEGER PRIMARY KEY,
  account TEXT NOT NULL REFERENCES account (name),
  kind TEXT NOT NULL CHECK (kind IN ('opening', 'fill', 'deposit', 'withdrawal', 'transfer',
    'dividend', 'split', 'fee', 'settlement', 'adjustment')),
  time INTEGER NOT NULL,
  reason TEXT NOT NULL,
  symbol TEXT,
  flow TEXT,
  client_id TEXT REFERENCES orders (client_id),
  fill TEXT,
  created INTEGER NOT NULL,
  CHECK ((client_id IS NULL) = (fill IS NULL))
) STRICT;

CREATE INDEX entry_of_account ON entry (account, time);

CREATE UNIQUE INDEX entry_of_fill ON entry (client_id, fill) WHERE client_id IS NOT NULL;

CREATE INDEX entry_of_symbol ON entry (symbol, time) WHERE symbol IS NOT NULL;

CREATE TABLE equity (
  account TEXT NOT NULL REFERENCES account (name),
  time INTEGER NOT NULL,
  equity TEXT NOT NULL,
  cash TEXT NOT NULL,
  run INTEGER REFERENCES run (id),
  PRIMARY KEY (account, time)
) STRICT, WITHOUT ROWID;

CREATE TABLE feature (
  feature_set INTEGER NOT NULL REFERENCES feature_set (id),
  series INTEGER NOT NULL REFERENCES series (id),
  time INTEGER NOT NULL,
  "values" BLOB NOT NULL,
  run INTEGER REFERENCES run (id),
  PRIMARY KEY (feature_set, series, time)
) STRICT, WITHOUT ROWID;

CREATE TABLE feature_set (
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,
  specification TEXT NOT NULL,
  names TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT;

CREATE TABLE feature_state (
  feature_set INTEGER NOT NULL REFERENCES feature_set (id),
  series INTEGER NOT NULL REFERENCES series (id),
  time INTEGER NOT NULL,
  state BLOB NOT NULL,
  kept INTEGER NOT NULL CHECK (kept IN (0, 1)),
  PRIMARY KEY (feature_set, series, time)
) STRICT;

CREATE TABLE fill (
  client_id TEXT NOT NULL REFERENCES orders (client_id),
  trade TEXT NOT NULL,
  n INTEGER NOT NULL,
  quantity TEXT NOT NULL,
  price TEXT NOT NULL,
  value TEXT NOT NULL,
  fee TEXT,
  fee_asset TEXT,
  realised TEXT NOT NULL,
  time INTEGER NOT NULL,
  candle INTEGER,
  created INTEGER NOT NULL,
  CHECK ((fee IS NULL) = (fee_asset IS NULL)),
  PRIMARY KEY (client_id, trade),
  UNIQUE (client_id, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE halt (
  id INTEGER PRIMARY KEY,
  level TEXT NOT NULL CHECK (level IN ('no-new', 'cancel-orders', 'flatten')),
  reason TEXT NOT NULL,
  source TEXT NOT NULL,
  since INTEGER NOT NULL,
  ended INTEGER,
  end_reason TEXT,
  CHECK ((ended IS NULL) = (end_reason IS NULL))
) STRICT;

CREATE UNIQUE INDEX halt_one_in_force ON halt (ended IS NULL) WHERE ended IS NULL;

CREATE TABLE instrument (
  venue TEXT NOT NULL,
  symbol TEXT NOT NULL,
  tick TEXT NOT NULL,
  lot TEXT NOT NULL,
  minimum_notional TEXT NOT NULL,
  updated INTEGER NOT NULL,
  PRIMARY KEY (venue, symbol)
) STRICT, WITHOUT ROWID;

CREATE TABLE job_mark (
  job TEXT PRIMARY KEY,
  slot INTEGER,
  since INTEGER NOT NULL,
  timing TEXT NOT NULL,
  paused_until INTEGER,
  success_slot INTEGER,
  success_ended INTEGER,
  CHECK ((success_slot IS NULL) = (success_ended IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE model (
  sha256 TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  name TEXT,
  file TEXT NOT NULL,
  features TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE orders (
  client_id TEXT PRIMARY KEY,
  plan INTEGER NOT NULL REFERENCES plan (id),
  account TEXT NOT NULL REFERENCES account (name),
  job TEXT NOT NULL,
  slot INTEGER NOT NULL,
  symbol TEXT NOT NULL,
  leg INTEGER NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
  quantity TEXT NOT NULL,
  limit_price TEXT,
  state TEXT NOT NULL CHECK (state IN ('planned', 'intent', 'sent', 'unknown', 'open', 'filled',
    'cancelled', 'rejected', 'expired')),
  venue_id TEXT,
  reason TEXT,
  filled TEXT NOT NULL,
  value TEXT NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  position INTEGER NOT NULL, sent INTEGER, doubted INTEGER,
  UNIQUE (account, job, slot, symbol, leg)
) STRICT, WITHOUT ROWID;

CREATE INDEX orders_of_plan ON orders (plan);

CREATE INDEX orders_sent ON orders (account, sent) WHERE sent IS NOT NULL;

CREATE INDEX orders_working ON orders (account)
  WHERE state IN ('planned', 'intent', 'sent', 'unknown', 'open');

CREATE TABLE plan (
  id INTEGER PRIMARY KEY,
  account TEXT NOT NULL REFERENCES account (name),
  job TEXT NOT NULL,
  slot INTEGER NOT NULL,
  round INTEGER NOT NULL CHECK (round >= 0),
  run INTEGER REFERENCES run (id),
  state TEXT NOT NULL CHECK (state IN ('open', 'done')),
  equity TEXT,
  cash TEXT NOT NULL,
  detail TEXT NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  UNIQUE (account, job, slot, round)
) STRICT;

CREATE TABLE position (
  account TEXT NOT NULL REFERENCES account (name),
  symbol TEXT NOT NULL,
  quantity TEXT NOT NULL,
  cost TEXT NOT NULL,
  updated INTEGER NOT NULL,
  PRIMARY KEY (account, symbol)
) STRICT, WITHOUT ROWID;

CREATE TABLE posting (
  entry INTEGER NOT NULL REFERENCES entry (id),
  n INTEGER NOT NULL,
  book TEXT NOT NULL CHECK (book IN ('held', 'market', 'fees', 'owner', 'income', 'issuer')),
  asset TEXT NOT NULL,
  amount TEXT NOT NULL,
  PRIMARY KEY (entry, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE prediction (
  job TEXT NOT NULL,
  slot INTEGER NOT NULL,
  series INTEGER NOT NULL REFERENCES series (id),
  time INTEGER,
  score REAL,
  reason TEXT,
  model TEXT NOT NULL REFERENCES model (sha256),
  feature_set INTEGER REFERENCES feature_set (id),
  run INTEGER REFERENCES run (id),
  PRIMARY KEY (job, slot, series),
  CHECK ((score IS NULL) = (reason IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
  series INTEGER NOT NULL REFERENCES series (id),
  place TEXT NOT NULL,
  text TEXT NOT NULL,
  reason TEXT NOT NULL,
  run INTEGER REFERENCES run (id),
  created INTEGER NOT NULL,
  PRIMARY KEY (series, place, text)
) STRICT, WITHOUT ROWID;

CREATE TABLE request (
  id INTEGER PRIMARY KEY,
  verb TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT,
  created INTEGER NOT NULL,
  answered INTEGER,
  answer TEXT,
  CHECK ((answered IS NULL) = (answer IS NULL))
) STRICT;

CREATE INDEX request_open ON request (id) WHERE answered IS NULL;

CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  job TEXT NOT NULL,
  slot INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'deferred', 'interrupted', 'succeeded',
    'failed', 'timed-out', 'skipped', 'coalesced', 'missed')),
  reason TEXT,
  result TEXT,
  "trigger" TEXT NOT NULL CHECK ("trigger" IN ('cron', 'after', 'manual', 'catchup')),
  grp TEXT,
  holder TEXT,
  created INTEGER NOT NULL,
  started INTEGER,
  ended INTEGER,
  UNIQUE (job, slot),
  CHECK ((state = 'running') = (holder IS NOT NULL)),
  CHECK (state <> 'running' OR (started IS NOT NULL AND ended IS NULL))
) STRICT;

CREATE INDEX run_debt ON run (slot, job) WHERE state IN ('deferred', 'interrupted');

CREATE UNIQUE INDEX run_one_running_per_group ON run (grp)
  WHERE state = 'running' AND grp IS NOT NULL;

CREATE UNIQUE INDEX run_one_running_per_job ON run (job) WHERE state = 'running';

CREATE TABLE run_output (
  run INTEGER NOT NULL REFERENCES run (id),
  n INTEGER NOT NULL CHECK (n >= 1),
  attempt INTEGER NOT NULL CHECK (attempt >= 1),
  stream TEXT NOT NULL CHECK (stream IN ('log', 'out', 'err')),
  written INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (run, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_total (
  job TEXT NOT NULL,
  "trigger" TEXT NOT NULL,
  state TEXT NOT NULL,
  runs INTEGER NOT NULL CHECK (runs > 0),
  PRIMARY KEY (job, "trigger", state)
) STRICT, WITHOUT ROWID;

CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  venue TEXT NOT NULL,
  symbol TEXT NOT NULL,
  timeframe INTEGER NOT NULL,
  watermark INTEGER,
  UNIQUE (venue, symbol, timeframe)
) STRICT;

CREATE TABLE service (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  updated INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshot (
  id INTEGER PRIMARY KEY,
  file TEXT NOT NULL,
  taken INTEGER NOT NULL,
  size INTEGER NOT NULL,
  raw_size INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  raw_sha256 TEXT NOT NULL,
  verified INTEGER,
  keep TEXT,
  removed INTEGER,
  run INTEGER REFERENCES run (id)
) STRICT;

CREATE TABLE target (
  plan INTEGER NOT NULL REFERENCES plan (id),
  symbol TEXT NOT NULL,
  score REAL,
  price TEXT,
  quantity TEXT NOT NULL,
  weight TEXT NOT NULL,
  target_weight TEXT NOT NULL,
  target_reason TEXT NOT NULL,
  decision TEXT NOT NULL CHECK (decision IN ('buy', 'sell', 'later', 'hold')),
  wanted TEXT,
  hold TEXT CHECK (hold IN ('settled', 'kept', 'too-small', 'blind', 'unable')),
  reason TEXT,
  PRIMARY KEY (plan, symbol)
) STRICT, WITHOUT ROWID;
