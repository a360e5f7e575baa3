// Runs in the install that test/bench/langchain.mjs makes. Argument: rounds (default 400).
import { LangChainInstrumentation } from '@arizeai/openinference-instrumentation-langchain';
import { awaitAllCallbacks } from '@langchain/core/callbacks/promises';
import * as callbackManager from '@langchain/core/callbacks/manager';
import { CallbackHandler } from '@langfuse/langchain';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { TrubricsCallbackHandler } from 'opentelemetry-exporter-trubrics/langchain';
import { checkGoal } from './goals.mjs';
import { conversation, printTimes, processorTime, timeCalls } from './langchain-calls.mjs';

const TIMING = {
  rounds: Number(process.argv[2] ?? 400),
  warmUpRounds: 100,
  quantile: 0.25,
  startClock: processorTime,
};
/** Upper limits for the time that our handler adds to an empty one, as a share of what the others add. */
const MAX_RATIOS = { langfuse: 0.55, openinference: 0.3 };
const noop = { onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {} };
const provider = new NodeTracerProvider({ spanProcessors: [noop] });
provider.register();

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

for (const messages of [2, 22, 102]) {
  const times = await timeCalls(VARIANTS, conversation(messages), TIMING);
  const overhead = (name) => times[name] - times['empty handler'];
  const title = `${messages} messages: µs of processor time per call, and above the empty handler`;
  printTimes(title, times, 'empty handler');
  for (const [name, limit] of Object.entries(MAX_RATIOS)) {
    const value = overhead('trubrics') / overhead(name);
    console.log(`  trubrics: ${value.toFixed(2)}x of ${name}`);
    checkGoal({ measured: `handler, ${messages} messages`, value, unit: 'x', limit, beside: name });
  }
}
