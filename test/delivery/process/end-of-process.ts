import { Delivery } from '../../../src/delivery/delivery.js';
import { trubricsIngestion } from '../../../src/destinations/trubrics.js';
import { promptEntries } from '../../support/entries.js';

// Run by end-of-process.test.ts: accepts entries and falls off its end, as a script of a user does.
const [host = '', ending = ''] = process.argv.slice(2);
console.log('started');
const delivery = new Delivery(trubricsIngestion({ host }), { flushAt: 2, shutdownTimeoutMs: 3_000 });
for (const entry of promptEntries(250)) delivery.accept(entry);

if (ending === 'flush') await delivery.flush();
if (ending === 'shutdown') await delivery.shutdown();
// Long enough for the first request to fail and the backoff to begin.
if (ending === 'linger') await new Promise((resolve) => setTimeout(resolve, 300));
console.log(JSON.stringify(delivery.stats()));
