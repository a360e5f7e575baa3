import { createDelivery } from '../../../src/delivery/create-delivery.js';
import { trubricsIngestion } from '../../../src/destinations/ingestion/ingestion.js';
import { fileSpool } from '../../../src/node/index.js';
import { promptEntries } from '../../support/entries.js';

// Run by end-of-process.test.ts: accepts entries and falls off its end, as a script of a user does.
const [host = '', ending = '', dir = '', count = '250'] = process.argv.slice(2);
console.log('started');
const delivery = createDelivery(trubricsIngestion({ host }), {
  flushAt: 2,
  shutdownTimeoutMs: 3_000,
  ...(dir !== '' && { spool: fileSpool({ dir, claimWithinMs: 0 }) }),
});
for (const entry of promptEntries(Number(count))) delivery.accept(entry);

if (ending === 'flush') await delivery.flush();
if (ending === 'shutdown') await delivery.shutdown();
// Long enough for the first request to fail and the backoff to begin.
if (ending === 'linger' || ending === 'linger, then shutdown')
  await new Promise((resolve) => setTimeout(resolve, 300));
if (ending === 'linger, then shutdown') await delivery.shutdown();
console.log(JSON.stringify(delivery.stats()));
