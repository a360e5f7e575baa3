import { createDelivery } from '../../../src/delivery/create-delivery.js';
import { fileSpool } from '../../../src/node/index.js';
import { promptEntries } from '../../support/entries.js';
import { scriptedDestination } from '../../support/scripted-destination.js';

// Run by spool-sharing.test.ts: spools ten entries for a destination that is down, and lives on until it is killed.
const [dir = ''] = process.argv.slice(2);
const destination = scriptedDestination(() => ({ status: 503 }));
const delivery = createDelivery(destination, { spool: fileSpool({ dir, claimWithinMs: 0 }) });
for (const entry of promptEntries(10, 'held-')) delivery.accept(entry);
setInterval(() => {
  if (delivery.stats().spooled === 10) process.stdout.write('spooled\n');
}, 20);
