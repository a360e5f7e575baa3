import { expect, onTestFinished, test, vi } from 'vitest';
import type { TrubricsOptions } from '../../src/config/options.js';
import type { Destination } from '../../src/destinations/destination.js';
import { TrubricsSpanExporter, type ExportResultLike } from '../../src/otel/exporter.js';
import type { SpanLike } from '../../src/reading/model/span-like.js';
import { memoryDestination } from '../support/memory-destination.js';
import { makeChatSpan, makeSpan, type SpanSketch } from '../support/span.js';

const MODEL_ALONE = { 'gen_ai.request.model': 'm' };
const LOCAL_PARENT = { spanId: 'later', isRemote: false };

/** An exporter to a destination in memory, unless the options name another. */
function use(options: TrubricsOptions = {}) {
  const destination = memoryDestination();
  const exporter = new TrubricsSpanExporter({
    destination,
    granularity: 'call',
    flushTimeoutMs: 1_000,
    ...options,
  });
  onTestFinished(() => exporter.shutdown());
  const results: ExportResultLike[] = [];
  const send = (...spans: SpanLike[]): void => exporter.export(spans, (result) => results.push(result));
  const prompts = () => destination.records.map(({ prompt }) => prompt);
  return { exporter, results, send, prompts, records: destination.records };
}

const below = (parent: SpanLike, sketch: SpanSketch & { prompt?: string } = {}): SpanLike => ({
  ...makeChatSpan({ ...sketch, traceId: parent.spanContext().traceId }),
  parentSpanContext: { spanId: parent.spanContext().spanId, isRemote: false },
});

/** A destination whose requests end when the test says so, well or badly. */
function slowDestination() {
  const open: ((response: { status: number } | undefined) => void)[] = [];
  let isSlow = true;
  const destination: Destination = {
    name: 'slow',
    encode: () => '{}',
    limits: { maxItems: 1 },
    send: () => (isSlow ? new Promise((resolve) => open.push(resolve)) : Promise.resolve()),
  };
  const answer = (...responses: ({ status: number } | undefined)[]) => {
    for (const response of responses) open.shift()?.(response);
  };
  const hurry = () => {
    isSlow = false;
    answer(...open.map(() => undefined));
  };
  return { destination, answer, hurry, asked: () => open.length };
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

async function isOver(promise: Promise<unknown>): Promise<boolean> {
  let over = false;
  void promise.then(() => (over = true));
  await settle();
  return over;
}

test('a batch is reported once all its records are settled, and says how many were dropped', async () => {
  const { destination, answer, asked } = slowDestination();
  const { send, results } = use({ destination });
  send(
    makeChatSpan({ prompt: '1' }),
    makeSpan(),
    makeChatSpan({ prompt: '2' }),
    makeChatSpan({ prompt: '3' }),
  );
  await vi.waitFor(() => expect(asked()).toBe(3));
  answer(undefined, { status: 404 });
  await settle();
  expect(results).toEqual([]);
  answer(undefined);
  await vi.waitFor(() => expect(results).toHaveLength(1));
  expect(results[0]).toMatchObject({ code: 1, error: { message: '1 of 3 records were dropped.' } });
});

test('a batch of which all records were delivered is a success', async () => {
  const { send, results } = use();
  send(makeChatSpan({ prompt: '1' }), makeChatSpan({ prompt: '2' }));
  await vi.waitFor(() => expect(results).toEqual([{ code: 0 }]));
});

test('no timer is left when a batch was reported', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { send, results, exporter } = use({ exportTimeoutMs: 60_000 });
  send(makeChatSpan());
  await vi.advanceTimersByTimeAsync(1_000);
  expect(results).toHaveLength(1);
  await exporter.shutdown();
  expect(vi.getTimerCount()).toBe(0);
});

test.each(['turn', 'both'] as const)(
  'by %s, a batch that completes no turn is reported at once',
  async (granularity) => {
    const { send, results, prompts, exporter } = use({ granularity });
    const root = makeSpan();
    send(below(root, { prompt: 'q' }));
    expect(results).toEqual([{ code: 0 }]);
    expect(prompts()).toEqual([]);
    send(root);
    await exporter.forceFlush();
    expect(prompts()).toEqual(['q']);
    expect(results).toEqual([{ code: 0 }, { code: 0 }]);
  },
);

test('a turn is reported once it is settled', async () => {
  const { destination, answer, asked } = slowDestination();
  const { send, results } = use({ destination, granularity: 'turn' });
  const root = makeSpan();
  send(below(root), root);
  await vi.waitFor(() => expect(asked()).toBe(1));
  expect(results).toEqual([]);
  answer({ status: 404 });
  await vi.waitFor(() => expect(results).toMatchObject([{ code: 1 }]));
});

test('a batch without calls is reported at once', () => {
  const { send, results } = use();
  send(makeSpan(), makeSpan());
  expect(results).toEqual([{ code: 0 }]);
});

test('one call that two libraries traced below two roots is one turn', async () => {
  const { send, records, exporter } = use({ granularity: 'turn' });
  const roots = ['a', 'b'].map((id) => makeSpan({ traceId: id.repeat(32) }));
  const calls = roots.map((root, at) => ({
    ...below(root, {
      prompt: 'q',
      attributes: {
        'gen_ai.response.id': 'r',
        ...(at === 0 ? { 'user.id': 'ada' } : { 'gen_ai.usage.input_tokens': 7 }),
      },
    }),
    instrumentationScope: { name: `library ${at}` },
  }));
  send(...calls, ...roots);
  await exporter.forceFlush();
  expect(records).toMatchObject([{ prompt: 'q', userId: 'ada', properties: { input_tokens: 7 } }]);
});

test('a shutdown records turns whose root did not come, and ends when they are settled', async () => {
  const { destination, answer, asked } = slowDestination();
  const { send, exporter } = use({ destination, granularity: 'turn', flushTimeoutMs: 10_000 });
  send(below(makeSpan()));
  const ended = exporter.shutdown();
  await vi.waitFor(() => expect(asked()).toBe(1));
  expect(await isOver(ended)).toBe(false);
  answer(undefined);
  await ended;
  expect(exporter.stats()).toMatchObject({ records: 1, destinations: [{ delivered: 1 }] });
});

test('a flush ends when the destination has answered, or soon if it fails', async () => {
  const slow = slowDestination();
  const { send, exporter } = use({ destination: slow.destination, flushTimeoutMs: 60_000 });
  send(makeChatSpan());
  const flushed = exporter.forceFlush();
  await vi.waitFor(() => expect(slow.asked()).toBe(1));
  expect(await isOver(flushed)).toBe(false);
  slow.answer({ status: 503 });
  // Otherwise it would take its minute.
  await flushed;
  expect(exporter.stats().destinations).toMatchObject([{ delivered: 0, dropped: { shutdown_timeout: 0 } }]);
  slow.hurry();
});

test.each(['forceFlush', 'shutdown'] as const)('%s waits for a resource that is detected', async (end) => {
  let detect: () => void = () => {};
  const resource = {
    attributes: {},
    asyncAttributesPending: true,
    waitForAsyncAttributes: () => new Promise<void>((resolve) => (detect = resolve)),
  };
  const { send, prompts, exporter } = use({ flushTimeoutMs: 10_000 });
  send({ ...makeChatSpan({ prompt: 'q' }), resource });
  const ended = exporter[end]();
  expect(await isOver(ended)).toBe(false);
  detect();
  await ended;
  expect(prompts()).toEqual(['q']);
});

test('an exporter that is shut down refuses spans, and one that is disabled takes them', async () => {
  const { send, results, exporter } = use();
  await exporter.shutdown();
  send(makeChatSpan());
  expect(results).toMatchObject([{ code: 1, error: { message: 'The exporter is shut down.' } }]);
  const disabled = use({ disabled: true });
  disabled.send(makeChatSpan());
  expect(disabled.results).toEqual([{ code: 0 }]);
  expect(disabled.exporter.stats().records).toBe(0);
});

test('a batch that is no list of spans is a failure', () => {
  const { results, exporter } = use();
  exporter.export(17 as never, (result) => results.push(result));
  expect(results).toMatchObject([{ code: 1, error: { message: 'The spans could not be read.' } }]);
});

test('a second span of a call in a later batch is counted as a duplicate', async () => {
  const { send, prompts, exporter } = use();
  const inner = { ...makeChatSpan({ prompt: 'q' }), parentSpanContext: LOCAL_PARENT };
  send(inner);
  send(
    makeChatSpan({ prompt: 'q', spanId: 'later' }),
    makeChatSpan({ prompt: 'other', traceId: 'b'.repeat(32) }),
  );
  await exporter.forceFlush();
  expect(prompts()).toEqual(['q', 'other']);
  expect(exporter.stats().skipped).toEqual({ duplicate: 1 });
});

/** An agent that was asked and answered: a call, if there is none below it. */
const agent = (spanId: string): SpanLike =>
  makeChatSpan({
    spanId,
    prompt: spanId,
    attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'a' },
  });

test('spans that look like calls and are none are counted', () => {
  const { send, exporter } = use();
  send(makeSpan({ attributes: MODEL_ALONE }));
  expect(exporter.stats().skipped).toEqual({ no_call: 1 });
});

test('an agent is a call only if no call was below it in an earlier batch', async () => {
  const { send, prompts, exporter } = use();
  send({ ...makeChatSpan({ prompt: 'q' }), parentSpanContext: LOCAL_PARENT });
  send(agent('later'), agent('another'));
  await exporter.forceFlush();
  expect(prompts()).toEqual(['q', 'another']);
});

test('of more than twenty thousand spans above calls, the one that was noted first is forgotten', async () => {
  const { send, prompts, exporter } = use();
  const step = (index: number): SpanLike => ({
    ...makeSpan({ spanId: `step ${index}` }),
    parentSpanContext: { spanId: `step ${index + 1}`, isRemote: false },
  });
  send({ ...makeChatSpan({ prompt: 'q' }), parentSpanContext: { spanId: 'step 0', isRemote: false } });
  for (let start = 0; start < 20_000; start += 50)
    send(...Array.from({ length: 50 }, (_, index) => step(start + index)));
  // The ids of the steps 0 to 20,000 were noted.
  send(agent('step 1'), agent('step 0'), agent('step 20000'));
  await exporter.forceFlush();
  expect(prompts()).toEqual(['q', 'step 0']);
});
