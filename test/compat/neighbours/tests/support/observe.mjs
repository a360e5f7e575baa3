// A tracer provider with a span processor of ours in call mode and one in turn mode, and what they sent.
import assert from 'node:assert/strict';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { TrubricsSpanProcessor } from 'opentelemetry-exporter-trubrics';

/** What the local OpenAI counts for each answer. */
export const TOKENS = { input: 10, output: 5 };

export function observe() {
  const call = observer('call');
  const turn = observer('turn');
  const provider = new NodeTracerProvider({ spanProcessors: [call.processor, turn.processor] });
  trace.disable();
  context.disable();
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  /** Flushes once, and returns what was sent since the last time. No waiting: everything that has ended has to be sent. */
  const take = async (flush = () => provider.forceFlush()) => {
    await flush();
    return { calls: call.take(), turns: turn.take() };
  };
  return { provider, processors: [call.processor, turn.processor], take };
}

function observer(granularity) {
  let entries = [];
  const destination = {
    name: granularity,
    encode: (entry) => JSON.stringify(entry),
    send: async ({ items }) => void entries.push(...items.map((item) => JSON.parse(item))),
  };
  const processor = new TrubricsSpanProcessor({ granularity, destination, flushOnExit: false });
  const take = () => {
    const taken = entries.map(({ record, event }) => (record ? recordOf(record) : eventOf(event)));
    entries = [];
    return taken;
  };
  return { processor, take };
}

function recordOf({ userId, prompt, generation, properties }) {
  const { input_tokens: input, output_tokens: output } = properties;
  return { user: userId, prompt, generation, input, output };
}

function eventOf({ event, userId, properties }) {
  return { event, user: userId, prompt: properties.prompt };
}

/** The record of `count` calls that ended with this answer. */
export function answered(user, prompt, count = 1, generation = `Answer to: ${prompt}`) {
  return { user, prompt, generation, input: count * TOKENS.input, output: count * TOKENS.output };
}

/** Compares records in any order: concurrent calls end in any. */
export function assertSent({ calls, turns }, expected) {
  const sorted = (entries) => entries.map((entry) => JSON.stringify(entry)).toSorted();
  assert.deepEqual(sorted(calls), sorted(expected.calls), 'calls');
  assert.deepEqual(sorted(turns), sorted(expected.turns), 'turns');
}

/** For applications in which each call is a turn of its own. */
export const each = (...records) => ({ calls: records, turns: records });
