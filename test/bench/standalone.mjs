// Compares a call through ./standalone with one through handler, SDK and processor set up by hand, in one process.
// Usage: npm run build && node test/bench/standalone.mjs
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { TrubricsSpanProcessor } from 'opentelemetry-exporter-trubrics';
import { TrubricsCallbackHandler } from 'opentelemetry-exporter-trubrics/langchain';
import { trubricsHandler } from 'opentelemetry-exporter-trubrics/standalone';
import { checkGoal } from './support/goals.mjs';
import { conversation, printTimes, processorTime, timeCalls } from './support/langchain-calls.mjs';

const TIMING = { rounds: 300, warmUpRounds: 80, quantile: 0.25, startClock: processorTime };
const MAX_RATIO = 1;

const discard = () => ({ name: 'discard', encode: (entry) => JSON.stringify(entry), send: async () => {} });
// The provider is not registered, because the standalone handler would use it.
const processor = new TrubricsSpanProcessor({ destination: discard() });
const tracerProvider = new NodeTracerProvider({ spanProcessors: [processor] });
const standalone = trubricsHandler({ destination: discard() });

const VARIANTS = {
  'no handler': { callbacks: undefined },
  'handler, SDK and processor': {
    callbacks: [new TrubricsCallbackHandler({ tracerProvider })],
    flush: () => processor.forceFlush(),
  },
  standalone: { callbacks: [standalone], flush: () => standalone.flush() },
};

for (const count of [1, 22]) {
  const times = await timeCalls(VARIANTS, conversation(count), TIMING);
  const added = (name) => times[name] - times['no handler'];
  const title = `${count} message${count > 1 ? 's' : ''}: µs of processor time per call, and above no handler`;
  printTimes(title, times, 'no handler');
  const ratio = added('standalone') / added('handler, SDK and processor');
  console.log(`  standalone: ${ratio.toFixed(2)}x of the set-up by hand`);
  const measured = `standalone handler, ${count} message${count > 1 ? 's' : ''}`;
  checkGoal({ measured, value: ratio, unit: 'x', limit: MAX_RATIO, beside: 'handler, SDK and processor' });
}
await Promise.all([standalone.shutdown(), tracerProvider.shutdown()]);
