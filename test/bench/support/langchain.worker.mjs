// Runs in the install that test/bench/langchain.mjs makes. Argument: rounds (default 400).
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { LangChainInstrumentation } from '@arizeai/openinference-instrumentation-langchain';
import { awaitAllCallbacks } from '@langchain/core/callbacks/promises';
import * as callbackManager from '@langchain/core/callbacks/manager';
import { CallbackHandler } from '@langfuse/langchain';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { TrubricsCallbackHandler } from 'opentelemetry-exporter-trubrics/langchain';
import { conversation, printTimes, timeCalls } from './langchain-calls.mjs';

const TIMING = {
  rounds: Number(process.argv[2] ?? 400),
  warmUpRounds: 100,
  quantile: 0.1,
  startClock: wallTime,
};
/** Upper limits for the time that our handler adds to an empty one, as a share of what the others add. */
const MAX_RATIOS = { langfuse: 0.6, openinference: 0.3 };
/** Upper limit for loading the handler, beyond a module that only imports the same API. */
const MAX_LOAD_MS = 5;
const noop = { onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {} };
const provider = new NodeTracerProvider({ spanProcessors: [noop] });
provider.register();
const missed = [];

// OpenInference patches the class. The patch is active during its own blocks only.
const instrumentation = new LangChainInstrumentation();
instrumentation.setTracerProvider(provider);
// The method is swapped as it is, unbound, because it is called on its class again.
/* oxlint-disable typescript/unbound-method */
const original = callbackManager.CallbackManager._configureSync;
instrumentation.manuallyInstrument(callbackManager);
const patched = callbackManager.CallbackManager._configureSync;
/* oxlint-enable typescript/unbound-method */
callbackManager.CallbackManager._configureSync = original;

const empty = {
  name: 'empty',
  awaitHandlers: true,
  handleChatModelStart() {},
  handleLLMNewToken() {},
  handleLLMEnd() {},
};
const variant = (callbacks, configure = original) => ({
  callbacks,
  enter: () => (callbackManager.CallbackManager._configureSync = configure),
  flush: awaitAllCallbacks,
});
const VARIANTS = {
  'no handler': variant(undefined),
  'empty handler': variant([empty]),
  trubrics: variant([new TrubricsCallbackHandler()]),
  'trubrics, content "none"': variant([new TrubricsCallbackHandler({ content: 'none' })]),
  langfuse: variant([new CallbackHandler({ userId: 'u-1', sessionId: 's-1' })]),
  openinference: variant(undefined, patched),
};

for (const messages of [1, 22, 102]) {
  const times = await timeCalls(VARIANTS, conversation(messages), TIMING);
  const overhead = (name) => times[name] - times['empty handler'];
  const title = `${messages} message${messages > 1 ? 's' : ''}: µs per call, and above the empty handler`;
  printTimes(title, times, 'empty handler');
  for (const [name, limit] of Object.entries(MAX_RATIOS)) {
    const ratio = overhead('trubrics') / overhead(name);
    console.log(`  trubrics: ${ratio.toFixed(2)}x of ${name}`);
    if (ratio > limit) missed.push(`${messages} messages: ${ratio.toFixed(2)}x > ${limit}x of ${name}`);
  }
}

const loading = loadTimes();
const loadMs = loading['./langchain'] - loading['a module that imports the API'];
console.log('\nloading after @opentelemetry/api, best of several:');
for (const [name, time] of Object.entries(loading)) console.log(`  ${name.padEnd(30)}${time.toFixed(1)} ms`);
if (loadMs > MAX_LOAD_MS) missed.push(`./langchain loads in ${loadMs.toFixed(1)} ms > ${MAX_LOAD_MS} ms`);
if (missed.length > 0) {
  console.error(`Missed: ${missed.join('; ')}`);
  process.exitCode = 1;
}

function wallTime() {
  const start = performance.now();
  return () => (performance.now() - start) * 1_000;
}

/** Measures loading in a new process each time, with `@opentelemetry/api` loaded before, and returns the best of several. */
function loadTimes() {
  writeFileSync('nothing.mjs', "import '@opentelemetry/api';\n");
  const specifiers = {
    'a module that imports the API': './nothing.mjs',
    './langchain': 'opentelemetry-exporter-trubrics/langchain',
  };
  const times = Object.fromEntries(Object.keys(specifiers).map((name) => [name, Infinity]));
  for (let round = 0; round < 15; round += 1) {
    for (const [name, specifier] of Object.entries(specifiers)) {
      const source = `await import('@opentelemetry/api');
        const start = performance.now();
        await import('${specifier}');
        console.log(performance.now() - start);`;
      const output = execFileSync(process.execPath, ['--input-type=module', '-e', source], {
        encoding: 'utf8',
      });
      times[name] = Math.min(times[name], Number(output));
    }
  }
  return times;
}
