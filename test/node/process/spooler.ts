import { setTimeout as pause } from 'node:timers/promises';
import { createDelivery } from '../../../src/delivery/create-delivery.js';
import { trubricsIngestion } from '../../../src/destinations/ingestion/ingestion.js';
import { fileSpool } from '../../../src/node/index.js';
import { eventEntry, promptEntry } from '../../support/entries.js';

// Run by spool-crash.test.ts: accepts entries for ever, says which of them are safe, and is killed at some moment.
const [host = '', dir = '', prefix = '', project = '', apiKey = ''] = process.argv.slice(2);
const delivery = createDelivery(trubricsIngestion({ host, project, apiKey }), {
  spool: fileSpool({ dir, claimWithinMs: 10 }),
  flushAt: 5,
});
for (let number = 0; ; number++) {
  const id = `${prefix}-${number}`;
  const entry = number % 3 === 0 ? eventEntry(id) : promptEntry(id, { prompt: 'why? '.repeat(number % 50) });
  delivery.accept(entry, ({ status }) => process.stdout.write(`${id} ${status}\n`));
  if (number % 7 === 0) await pause(1);
}
