import { trace, type TracerProvider } from '@opentelemetry/api';
import { BasicTracerProvider, BatchSpanProcessor, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { expect, onTestFinished, test } from 'vitest';
import { TrubricsSpanExporter, TrubricsSpanProcessor } from '../../src/index.js';
import { providerFlushLimit, timeLeft } from '../../src/otel/provider-flush-limit.js';
import type { TrubricsOptions } from '../../src/config/options.js';
import type { Destination } from '../../src/destinations/destination.js';
import { makeChatSpan } from '../support/span.js';

/** A provider as Sentry makes it. */
const TIMEOUT = { forceFlushTimeoutMillis: 500 };

function register(provider: TracerProvider): void {
  trace.setGlobalTracerProvider(provider);
  onTestFinished(() => trace.disable());
}

/** A destination that answers once `answer()` was called. */
function slowDestination(): Destination & { answer: () => void } {
  let answer = (): void => undefined;
  const isAnswering = new Promise<void>((resolve) => (answer = resolve));
  return { name: 'slow', encode: () => '{}', send: () => isAnswering, answer };
}

const failing: Destination = { name: 'failing', encode: () => '{}', send: async () => ({ status: 503 }) };

function makeChat(): void {
  const { attributes } = makeChatSpan({ prompt: 'q' });
  trace
    .getTracer('app')
    .startSpan('chat', { attributes: { ...attributes } as Record<string, string> })
    .end();
}

const processorOf = (options: TrubricsOptions) => {
  const processor = new TrubricsSpanProcessor(options);
  return { processor, stats: () => processor.stats() };
};
const batchOf = (options: TrubricsOptions) => {
  const exporter = new TrubricsSpanExporter(options);
  return { processor: new BatchSpanProcessor(exporter), stats: () => exporter.stats() };
};
const simpleOf = (options: TrubricsOptions) => {
  const exporter = new TrubricsSpanExporter(options);
  return { processor: new SimpleSpanProcessor(exporter), stats: () => exporter.stats() };
};
const COMPONENTS = [
  ['the processor', processorOf],
  ['the exporter in batches', batchOf],
  ['the exporter span by span', simpleOf],
] as const;

test.each(COMPONENTS)(
  'a flush of the provider does not reject while the server of %s is slow',
  async (_, make) => {
    const destination = slowDestination();
    const { processor, stats } = make({ destination });
    const provider = new BasicTracerProvider({ ...TIMEOUT, spanProcessors: [processor] });
    register(provider);
    makeChat();
    await expect(provider.forceFlush()).resolves.toBeUndefined();
    expect(stats().destinations[0]).toMatchObject({ delivered: 0, accepted: 1 });
    destination.answer();
    await provider.shutdown();
    expect(stats().destinations[0]).toMatchObject({ delivered: 1, accepted: 1 });
  },
);

test.each(COMPONENTS)(
  'a flush of the provider does not reject while the server of %s is down',
  async (_, make) => {
    const { processor, stats } = make({ destination: failing, flushTimeoutMs: 100 });
    const provider = new BasicTracerProvider({ ...TIMEOUT, spanProcessors: [processor] });
    register(provider);
    makeChat();
    await expect(provider.forceFlush()).resolves.toBeUndefined();
    expect(stats().destinations[0]).toMatchObject({ delivered: 0, queued: 1 });
    await provider.shutdown();
  },
);

test('a flush of the provider that ends before all is delivered says so once, and others say nothing', async () => {
  const warnings: string[] = [];
  const onWarning = ({ message }: Error) => warnings.push(message);
  process.on('warning', onWarning);
  onTestFinished(() => void process.off('warning', onWarning));
  const destination = slowDestination();
  const { processor } = processorOf({ destination });
  const provider = new BasicTracerProvider({ forceFlushTimeoutMillis: 300, spanProcessors: [processor] });
  register(provider);
  await provider.forceFlush();
  makeChat();
  await provider.forceFlush();
  await provider.forceFlush();
  destination.answer();
  await provider.shutdown();
  await new Promise(setImmediate);
  expect(warnings).toEqual([expect.stringMatching(/ended after 240 ms.*before all records were delivered/)]);
});

test('flush() of the processor waits longer than the provider would', async () => {
  const destination = slowDestination();
  const { processor } = processorOf({ destination });
  const provider = new BasicTracerProvider({ forceFlushTimeoutMillis: 300, spanProcessors: [processor] });
  register(provider);
  makeChat();
  const flushed = processor.flush();
  await provider.forceFlush();
  destination.answer();
  await flushed;
  expect(processor.stats().destinations[0]?.delivered).toBe(1);
  await provider.shutdown();
});

test('the limit of a flush is that of the global provider, if the component is in it', () => {
  const component = {};
  const limit = () => providerFlushLimit(component);
  expect(limit()).toBeUndefined();
  // Version 2.11 and before.
  const older = {
    _config: { forceFlushTimeoutMillis: 1_000 },
    _activeSpanProcessor: { _spanProcessors: [{}, { _exporter: component }] },
  };
  register(older as unknown as TracerProvider);
  expect(limit()).toBe(800);
  older._activeSpanProcessor._spanProcessors = [component];
  expect(limit()).toBe(800);
  older._activeSpanProcessor._spanProcessors = [{}];
  expect(limit()).toBeUndefined();
});

test.each([
  ['null', null],
  ['without fields', {}],
  ['with fields of other types', { _config: 1, _activeSpanProcessor: [], _forceFlushTimeoutMillis: '500' }],
])('a provider %s limits no flush', (_, provider) => {
  register(provider as unknown as TracerProvider);
  expect(providerFlushLimit({})).toBeUndefined();
});

test('a provider that throws limits no flush', () => {
  const hostile = new Proxy(
    { getTracer: () => undefined },
    { get: (target, name) => hostileMember(target, name) },
  );
  register(hostile as unknown as TracerProvider);
  expect(providerFlushLimit({})).toBeUndefined();
});

function hostileMember(_: object, name: string | symbol): unknown {
  if (name === '_forceFlushTimeoutMillis') throw new Error('hostile');
  return undefined;
}

test('the steps of a flush share its limit, and without one each has the whole time', async () => {
  expect(timeLeft(1_000)()).toBe(1_000);
  const left = timeLeft(1_000, 50);
  expect(left()).toBeLessThanOrEqual(50);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(left()).toBe(0);
});
