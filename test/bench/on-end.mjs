// Measures what the span processor adds to `span.end()` when 45,000 traces have gone before, beside JSON alone: parsing the messages and
// writing the record. Processor time of one process, both in turn: `npm run build && node test/bench/on-end.mjs`.
//   TRUBRICS_DIST=…/dist/esm measures another build.
import { fileURLToPath } from 'node:url';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { checkGoal } from './support/goals.mjs';
import { messages, timeJson } from './support/json-alone.mjs';
import { processorUs, quartile } from './support/processor-time.mjs';

const dist = process.env.TRUBRICS_DIST ?? fileURLToPath(new URL('../../dist/esm', import.meta.url));
const { TrubricsSpanProcessor } = await import(`${dist}/index.js`);

const TRACES_BEFORE = 45_000;
const SPANS = 5_000;
const ROUNDS = 15;
const MAX_TO_JSON = 4;

const TEXT = 'What is the capital of Italy, and since when? '.repeat(7);

const written = [];
const destination = {
  name: 'discard',
  encode: (entry) => {
    const json = JSON.stringify(entry);
    written[0] = json;
    return json;
  },
  send: async () => ({ status: 200 }),
};
const processor = new TrubricsSpanProcessor({ destination });
const none = { forceFlush: async () => {}, shutdown: async () => {}, onStart() {}, onEnd() {} };
const tracers = new Map(
  [processor, none].map((one) => [
    one,
    new BasicTracerProvider({ spanProcessors: [one] }).getTracer('bench'),
  ]),
);

let number = 0;
for (let count = 0; count < TRACES_BEFORE; count += SPANS) await timeEnds(processor);
const { record } = JSON.parse(written[0]);
const times = { ours: [], none: [], json: [] };
for (let round = 0; round < ROUNDS; round += 1) {
  times.ours.push(await timeEnds(processor));
  times.none.push(await timeEnds(none));
  times.json.push(timeJson(record, SPANS, TEXT));
}
const ours = quartile(times.ours) - quartile(times.none);
const json = quartile(times.json);
const ratio = ours / json;
console.log(
  `span.end() after ${TRACES_BEFORE} traces: ${ours.toFixed(1)} µs more than without us, JSON alone ${json.toFixed(1)} µs: ${ratio.toFixed(2)}x`,
);
await processor.shutdown();
const measured = `span.end() after ${TRACES_BEFORE} traces`;
checkGoal({ measured, value: ratio, unit: 'x', limit: MAX_TO_JSON, beside: 'JSON alone' });

/** Returns the microseconds of processor time that `span.end()` takes, of spans that are traces of their own. */
async function timeEnds(one) {
  const spans = Array.from({ length: SPANS }, () => {
    number += 1;
    return tracers.get(one).startSpan('chat gpt-4o-mini', {
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o-mini',
        'gen_ai.response.id': `response-${number}`,
        'gen_ai.input.messages': messages('user', `${TEXT}${number}`),
        'gen_ai.output.messages': messages('assistant', `${TEXT}${number}`),
        'user.id': `user-${number % 100}`,
      },
    });
  });
  const start = process.cpuUsage();
  for (const span of spans) span.end();
  const time = processorUs(start) / SPANS;
  await one.forceFlush();
  return time;
}
