import { createDelivery } from '../../../src/delivery/create-delivery.js';
import { trubricsIngestion } from '../../../src/destinations/ingestion/ingestion.js';
import { promptEntry } from '../../support/entries.js';

// Run by given-up.test.ts: flushes to a destination that does not answer, and falls off its end.
const [host = '', flushes = '1', flushMs = '100'] = process.argv.slice(2);
const delivery = createDelivery(trubricsIngestion({ host }));
const startedMs = performance.now();
for (let index = 0; index < Number(flushes); index++) {
  delivery.accept(promptEntry(`id-${index}`));
  await delivery.flush(Number(flushMs));
}
process.on('exit', () => console.log(JSON.stringify({ aliveMs: performance.now() - startedMs })));
