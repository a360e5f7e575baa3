import { openClickHouseStore, startServer } from '../../../../src/server/index.js';

/** A server that is going to be killed: `node server-process.js CLICKHOUSE_URL` says its address once it listens. */
const [url = ''] = process.argv.slice(2);
const store = await openClickHouseStore({ url, maxWaitMs: 20 });
const server = await startServer({ store, port: 0 });
process.stdout.write(`${server.url}\n`);
