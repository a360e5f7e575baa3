import { TrubricsClient } from '../../../src/client/client.js';

// Run by client-life-cycle.test.ts: tracks, and ends without a flush of its own.
const [host = '', ending = ''] = process.argv.slice(2);
const client = new TrubricsClient({ host, flushOnExit: true, flushTimeoutMs: 1_500 });
for (let number = 0; number < 10; number++)
  client.trackPrompt({ prompt: 'Why?', generation: String(number) });
console.log('tracked');
const stay = () => setTimeout(() => {}, 20_000);
if (ending === 'signal') stay();
if (ending === 'own-handler') {
  stay();
  process.once('SIGTERM', () => setTimeout(() => process.exit(7), 500));
}
