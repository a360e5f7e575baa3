// Compares a call through ./standalone with one through handler, SDK and processor set up by hand, in one process.
// Usage: npm run build && node test/bench/standalone.mjs
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { AIMessage, HumanMessage } from '@langchain/core/messages';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { TrubricsSpanProcessor } from 'opentelemetry-exporter-trubrics';
import { TrubricsCallbackHandler } from 'opentelemetry-exporter-trubrics/langchain';
import { trubricsHandler } from 'opentelemetry-exporter-trubrics/standalone';

const ROUNDS = 300;
const WARM_UP_ROUNDS = 80;
const CALLS = 20;
const MAX_RATIO = 1;

const discard = () => ({ name: 'discard', encode: (entry) => JSON.stringify(entry), send: async () => {} });
// The provider is not registered, because the standalone handler would use it.
const processor = new TrubricsSpanProcessor({ destination: discard() });
const tracerProvider = new NodeTracerProvider({ spanProcessors: [processor] });
const standalone = trubricsHandler({ destination: discard() });

const VARIANTS = {
  'no handler': { callbacks: undefined, flush: async () => {} },
  'handler, SDK and processor': {
    callbacks: [new TrubricsCallbackHandler({ tracerProvider })],
    flush: () => processor.forceFlush(),
  },
  standalone: { callbacks: [standalone], flush: () => standalone.flush() },
};

const missed = [];
for (const count of [1, 22]) {
  const times = await measure(conversation(count));
  const added = (name) => times[name] - times['no handler'];
  console.log(
    `\n${count} message${count > 1 ? 's' : ''}: µs of processor time per call, and above no handler`,
  );
  for (const [name, time] of Object.entries(times))
    console.log(`  ${name.padEnd(28)}${time.toFixed(1).padStart(8)}${added(name).toFixed(1).padStart(9)}`);
  const ratio = added('standalone') / added('handler, SDK and processor');
  console.log(`  standalone: ${ratio.toFixed(2)}x of the set-up by hand`);
  if (ratio > MAX_RATIO) missed.push(`${count} messages: ${ratio.toFixed(2)}x > ${MAX_RATIO}x`);
}
await Promise.all([standalone.shutdown(), tracerProvider.shutdown()]);
if (missed.length > 0) {
  console.error(`Missed: ${missed.join('; ')}`);
  process.exitCode = 1;
}

/** Runs short blocks of calls in random order and returns the fastest quarter of them, because other load only adds time. */
async function measure(messages) {
  const model = new FakeListChatModel({ responses: ['The answer to that is forty-two.'] });
  const metadata = { user_id: 'u-1', thread_id: 't-1' };
  const results = Object.fromEntries(Object.keys(VARIANTS).map((name) => [name, []]));
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
    for (const name of Object.keys(VARIANTS).toSorted(() => Math.random() - 0.5)) {
      const { callbacks, flush } = VARIANTS[name];
      const start = process.cpuUsage();
      for (let i = 0; i < CALLS; i += 1) await model.invoke(messages, { callbacks, metadata });
      await flush();
      const { user, system } = process.cpuUsage(start);
      if (round >= 0) results[name].push((user + system) / CALLS);
    }
  }
  return Object.fromEntries(Object.entries(results).map(([name, values]) => [name, lowerQuartile(values)]));
}

function conversation(length) {
  return Array.from({ length }, (_, i) => {
    const text = `Message ${i}: what would you say to a customer who asks about the state of order ${i * 7}?`;
    return i % 2 === 0 ? new HumanMessage(text) : new AIMessage(text);
  });
}

function lowerQuartile(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 4)];
}
