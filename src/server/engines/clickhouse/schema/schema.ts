import { SEARCH_TEXT } from './search-text.js';

/** One step of the schema. Each statement can be repeated: two servers may run it at the same time. */
export interface Migration {
  /** Ascending from 1. */
  readonly number: number;
  readonly name: string;
  /**
   * The newest migration that a server must know to go on working beside this one. Default 0: any server. A migration adds; what it replaces
   * is removed by a migration of a later release, so that an upgrade and its way back need no stop.
   */
  readonly oldestReader?: number;
  readonly statements: readonly string[];
}

/** Milliseconds that a time can have in a `DateTime64(3)` and a `Date32`: the years 1900 to 2299. */
export const MIN_TIME_MS = Date.UTC(1900, 0, 1);
export const MAX_TIME_MS = Date.UTC(2299, 11, 31, 23, 59, 59, 999);

/** Calls of a record without a cost: of a turn `call_count`, none of a failed call without tokens. */
const CALL_COUNT = "toFloat64OrZero(trim(BOTH '\"' FROM properties['call_count']))";
const UNPRICED_BEFORE = `if((kind = 'prompt' AND is_error = 0) OR (is_error = 1 AND total_tokens > 0),
    if(${CALL_COUNT} > 1 AND ${CALL_COUNT} <= 100000, toUInt32(round(${CALL_COUNT})), 1), 0)`;

/** The text of the property `user_name`, which is kept as JSON: empty without one, or if it is null. */
const USER_NAME = "properties['user_name']";
const DISPLAY_NAME = `multiIf(${USER_NAME} = 'null', '', startsWith(${USER_NAME}, '"'), JSONExtractString(concat('[', ${USER_NAME}, ']'), 1), ${USER_NAME})`;

/**
 * `records`: one row per version of a record; the highest `version` of a key wins. The day of the key is the day of `at`, so that a range of
 * time reads its own partitions.
 *
 * `record_ids`: what is fixed by the first write of an id (its place in the order of arrival) and the key of its row, by a hash of the id. It
 * answers whether an id is known, on any day, by reading one granule per id. Its key has the day, so that no merge forgets a row that two servers wrote at
 * the same time on two days.
 *
 * A granule of `records` has 512 rows, and skip indexes describe 8,192: a page of 100 rows that lie far apart reads a fifth of 100,000 texts instead of all. It takes 0.7 of the
 * processor time that granules of 2,048 rows take, and the sums take the same.
 *
 * A `version` is microseconds of the server's clock times 1024, plus a counter. One that an erasure wrote has the highest bit as well, so that no repeat supersedes it.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    number: 1,
    name: 'records',
    statements: [
      `CREATE TABLE IF NOT EXISTS records (
  project LowCardinality(String),
  day Date32,
  id String,
  version UInt64,
  deleted UInt8 DEFAULT 0,
  seq UInt64 CODEC(Delta(8), ZSTD(1)),
  at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
  received DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
  kind LowCardinality(String),
  user String CODEC(ZSTD(1)),
  thread String CODEC(ZSTD(1)),
  event LowCardinality(String),
  model LowCardinality(String),
  assistant_id LowCardinality(Nullable(String)),
  prompt_event_name LowCardinality(Nullable(String)),
  generation_event_name LowCardinality(Nullable(String)),
  origin LowCardinality(Nullable(String)),
  tags Array(LowCardinality(String)),
  is_error UInt8,
  feedback LowCardinality(String),
  evaluation LowCardinality(String),
  label LowCardinality(String),
  score Nullable(Float64),
  target String CODEC(ZSTD(1)),
  owners Array(String) CODEC(ZSTD(1)),
  latency Nullable(Float64),
  input_tokens Float64,
  output_tokens Float64,
  total_tokens Float64,
  part_models Array(LowCardinality(String)),
  part_input_tokens Array(Float64),
  part_output_tokens Array(Float64),
  properties Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  prompt String CODEC(ZSTD(1)),
  generation String CODEC(ZSTD(1)),
  words String CODEC(ZSTD(1)),
  INDEX by_id id TYPE bloom_filter(0.001) GRANULARITY 16,
  INDEX by_seq seq TYPE minmax GRANULARITY 16,
  INDEX by_version bitAnd(version, 9223372036854775807) TYPE minmax GRANULARITY 16,
  INDEX by_thread thread TYPE text(tokenizer = 'array'),
  INDEX by_user user TYPE text(tokenizer = 'array'),
  INDEX by_target target TYPE text(tokenizer = 'array'),
  INDEX by_owner owners TYPE bloom_filter(0.001) GRANULARITY 16
) ENGINE = ReplacingMergeTree(version, deleted)
PARTITION BY toYYYYMM(day)
ORDER BY (project, day, id)
SETTINGS index_granularity = 512, min_age_to_force_merge_seconds = 3600, min_age_to_force_merge_on_partition_only = 1`,
      `CREATE TABLE IF NOT EXISTS record_ids (
  project LowCardinality(String),
  hash UInt64,
  day Date32,
  seq UInt64,
  version UInt64,
  gone UInt8
) ENGINE = ReplacingMergeTree(version)
ORDER BY (project, hash, day)
SETTINGS index_granularity = 256`,
      `CREATE TABLE IF NOT EXISTS erased (
  project LowCardinality(String),
  hash String,
  at DateTime64(3, 'UTC')
) ENGINE = ReplacingMergeTree(at)
ORDER BY (project, hash)
SETTINGS index_granularity = 256`,
      `CREATE TABLE IF NOT EXISTS documents (
  project LowCardinality(String),
  kind LowCardinality(String),
  name String,
  version UInt64,
  writer String,
  deleted UInt8 DEFAULT 0,
  updated DateTime64(3, 'UTC') DEFAULT now64(3),
  value String
) ENGINE = ReplacingMergeTree(version)
ORDER BY (project, kind, name)`,
    ],
  },
  {
    number: 2,
    name: 'text index of the search',
    statements: [
      `ALTER TABLE records ADD INDEX IF NOT EXISTS by_text ${SEARCH_TEXT} TYPE text(tokenizer = 'splitByNonAlpha')`,
      // Fills existing parts in the background, because that reads all texts.
      'ALTER TABLE records MATERIALIZE INDEX IF EXISTS by_text SETTINGS mutations_sync = 0',
    ],
  },
  {
    number: 3,
    name: 'hosts that a record was handed on to',
    statements: [
      'ALTER TABLE records ADD COLUMN IF NOT EXISTS forwarded_to Array(LowCardinality(String)) AFTER origin',
    ],
  },
  {
    number: 4,
    name: 'cost',
    // Rows of before have no cost: their calls are unpriced, as `costOf()` counts them, until `recompute` has priced them.
    statements: [
      `ALTER TABLE records ADD COLUMN IF NOT EXISTS nano_dollars UInt64 DEFAULT 0,
  ADD COLUMN IF NOT EXISTS priced_calls UInt32 DEFAULT 0,
  ADD COLUMN IF NOT EXISTS unpriced_calls UInt32 DEFAULT ${UNPRICED_BEFORE},
  ADD COLUMN IF NOT EXISTS part_nano_dollars Array(UInt64) DEFAULT arrayMap(part -> 0, part_models),
  ADD COLUMN IF NOT EXISTS part_priced_calls Array(UInt32) DEFAULT arrayMap(part -> 0, part_models),
  ADD COLUMN IF NOT EXISTS part_unpriced_calls Array(UInt32) DEFAULT arrayMap(part -> 0, part_models)`,
    ],
  },
  {
    number: 5,
    name: 'ratings of answers',
    // Rows of before: thumbs, without what is neutral or was taken back, which no SDK could say.
    statements: [
      `ALTER TABLE records ADD COLUMN IF NOT EXISTS rating LowCardinality(String) DEFAULT multiIf(
    lower(properties['source']) = '"reviewer"', '', feedback = 'positive', 'good', feedback = 'negative', 'bad', '')`,
    ],
  },
  {
    number: 6,
    name: 'display names',
    // Computed by ClickHouse, also of rows that a server of before writes. The list of people then does not read all properties.
    statements: [
      `ALTER TABLE records ADD COLUMN IF NOT EXISTS display_name LowCardinality(String) DEFAULT ${DISPLAY_NAME}`,
      // Parts that exist get it in the background. Until then, it is computed from the properties when it is read.
      'ALTER TABLE records MATERIALIZE COLUMN display_name SETTINGS mutations_sync = 0',
    ],
  },
  {
    number: 7,
    name: 'parts of calls that wait for others',
    // Whole parts are dropped, so that the texts of log records leave the disk within 32 hours.
    statements: [
      `CREATE TABLE IF NOT EXISTS pending_parts (
  project LowCardinality(String),
  id String,
  kind LowCardinality(String),
  key String,
  received DateTime('UTC') DEFAULT now('UTC'),
  value String CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree(received)
PARTITION BY toStartOfInterval(received, INTERVAL 4 HOUR)
ORDER BY (project, id, kind, key)
TTL received + INTERVAL 1 DAY
SETTINGS index_granularity = 256, ttl_only_drop_parts = 1, merge_with_ttl_timeout = 3600`,
    ],
  },
];
