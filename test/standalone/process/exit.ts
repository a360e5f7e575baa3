// Asks a fake model through a handler that stands alone, leaves a stream unread, and ends as the argument says.
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { trubricsHandler } from '../../../src/standalone/index.js';

const [host = '', ending] = process.argv.slice(2);
const handler = trubricsHandler({ ...(host && { host }), flushIntervalMs: 60_000, flushTimeoutMs: 1_500 });
const model = new FakeListChatModel({ responses: ['abc'] });

await model.invoke('answered', { callbacks: [handler] });
const stream = await model.stream('left', { callbacks: [handler] });
for await (const _ of stream) break;
console.log('asked');

if (ending === 'signal') setInterval(() => {}, 1_000);
if (ending === 'exit') process.exit(0);
