/** Files that hold state and have no planted faults, each with the reason. A new one is added here, or gets faults. */
const CACHE = 'a cache of a pure function: an entry that is missing or forgotten is computed again';
const CURSOR = 'state of one call, which the tests of that function see in its result';

export const mutants = {};

export const withoutFaults = {
  'src/common/guard.ts': 'counts failures for the log alone',
  'src/common/sha256.ts': CACHE,
  'src/common/logger.ts': 'remembers which warnings were written',
  'src/destinations/http/release-socket.ts':
    'its tests are processes that must end (test/e2e): minutes for each fault',
  'src/langchain/handler/callback-handler.ts': 'one-line delegations; the state is in runs/',
  'src/langchain/handler/handler-shape.ts': 'constants that LangChain reads',
  'src/langchain/spans/provider-attributes.ts': CACHE,
  'src/pipeline/record-pipeline.ts': 'remembers one warning; the state is in its steps',
  'src/reading/decoding/partial-json.ts': CURSOR,
  'src/records/text/timestamp.ts': CACHE,
  'src/registration/register-process.ts': 'its tests run in installs: test/compat/tests/register.test.mjs',
  'src/server/engines/clickhouse/change-watcher.ts': 'its tests need ClickHouse: the compatibility run',
  'src/server/engines/clickhouse/queries/record-count.ts': 'its tests need ClickHouse: the compatibility run',
  'src/server/engines/clickhouse/queries/where-clause.ts': CURSOR,
  'src/server/engines/clickhouse/writes/purge.ts': 'its tests need ClickHouse: the compatibility run',
  'src/server/engines/clickhouse/writes/record-writer.ts': 'its tests need ClickHouse: the compatibility run',
  'src/server/engines/clickhouse/writes/retention.ts': 'its tests need ClickHouse: the compatibility run',
  'src/server/engines/memory/contents/json-buffer.ts': CURSOR,
  'src/server/engines/memory/contents/search-text-buffer.ts': CURSOR,
  'src/server/engines/memory/contents/text-edits.ts': CURSOR,
  'src/server/engines/memory/measure/group-places.ts': CURSOR,
  'src/server/engines/memory/measure/placement.ts': CURSOR,
  'src/server/engines/memory/measure/recent-selections.ts': CACHE,
  'src/server/http/page-routes.ts': CACHE,
  'src/server/insights/prices/load-price-table.ts': CACHE,
  'src/server/insights/prices/price-table.ts': CACHE,
  'src/server/insights/topics/stop-words/stop-words.ts': CACHE,
  'src/server/model/feedback.ts': CURSOR,
  'src/server/model/intake/rejections.ts': CURSOR,
  'src/server/model/privacy/erasure-report.ts': CURSOR,
  'src/server/model/search-text.ts': CACHE,
  'src/server/query/parse-time-zone.ts': CACHE,
  'src/standalone/shared-sinks.ts': 'its tests wait for the garbage collector: minutes for each fault',
  'src/transfer/import-files.ts': CURSOR,
  'src/transfer/import-report.ts': CURSOR,
  'src/transfer/read-files.ts': CURSOR,
};
