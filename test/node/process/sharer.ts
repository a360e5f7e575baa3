import { setTimeout as pause } from 'node:timers/promises';
import { createDelivery } from '../../../src/delivery/create-delivery.js';
import { trubricsIngestion } from '../../../src/destinations/ingestion/ingestion.js';
import { fileSpool } from '../../../src/node/index.js';
import { promptEntry } from '../../support/entries.js';

// Run by spool-sharing.test.ts: spools and delivers for a while, beside others in the same directory, and ends well.
const [host = '', dir = '', prefix = ''] = process.argv.slice(2);
const spool = fileSpool({ dir, claimWithinMs: 100 });
const delivery = createDelivery(trubricsIngestion({ host }), { spool, flushAt: 10 });
console.log('started');
for (let number = 0; number < 500; number++) {
  delivery.accept(promptEntry(`${prefix}-${number}`));
  if (number % 5 === 0) await pause(2);
}
// Not left to the shutdown: after a failure it ends at once, because everything is safe on disk.
while (delivery.stats().delivered < 500) {
  await delivery.flush();
  await pause(20);
}
await delivery.shutdown();
console.log(JSON.stringify(delivery.stats()));
