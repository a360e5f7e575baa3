import { ROOT_CONTEXT, trace, type Attributes, type Span } from '@opentelemetry/api';
import { BasicTracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { expect, onTestFinished, test } from 'vitest';
import type { TrubricsOptions } from '../../src/config/options.js';
import { TrubricsSpanExporter } from '../../src/index.js';
import { memoryDestination } from '../support/memory-destination.js';
import { makeChatSpan } from '../support/span.js';

/** An exporter whose batches the test makes, and whose destination fails until `isDown` is set to false. */
function useExporter(options: TrubricsOptions = {}) {
  const memory = memoryDestination();
  const destination = {
    ...memory,
    isDown: true,
    async send(...args: Parameters<typeof memory.send>) {
      return this.isDown ? { status: 503 } : memory.send(...args);
    },
  };
  const exporter = new TrubricsSpanExporter({
    granularity: 'call',
    flushTimeoutMs: 2_000,
    ...options,
    destination,
  });
  onTestFinished(() => exporter.shutdown());
  const tracer = new BasicTracerProvider().getTracer('test');
  const start = (attributes: Attributes, parent?: Span): Span =>
    tracer.startSpan('span', { attributes }, parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT);
  const send = (...spans: Span[]): void => {
    for (const span of spans) if (span.isRecording()) span.end();
    exporter.export(spans as unknown as ReadableSpan[], () => {});
  };
  const chat = (prompt: string, parent: Span): Span =>
    start({ ...(makeChatSpan({ prompt }).attributes as Attributes) }, parent);
  const sentPrompts = async (): Promise<string[]> => {
    destination.isDown = false;
    await exporter.shutdown();
    return destination.records.map(({ prompt }) => prompt);
  };
  return { exporter, start, chat, send, sentPrompts };
}

test('an opt-out on a span of a later batch withdraws the calls below it that have not been sent', async () => {
  const { exporter, start, chat, send, sentPrompts } = useExporter();
  const root = start({});
  const step = start({}, root);
  const other = start({});
  send(chat('SECRET 1', step), chat('public', other));
  send(chat('SECRET 2', root));
  await exporter.forceFlush();
  send(step);
  root.setAttribute('trubrics.record', false);
  send(root, other);
  expect(exporter.stats().destinations[0]?.dropped.opted_out).toBe(2);
  expect(await sentPrompts()).toEqual(['public']);
});

test('an opt-out on a span of an earlier batch keeps calls below it from being recorded', async () => {
  const { exporter, start, chat, send, sentPrompts } = useExporter();
  const root = start({ 'trubrics.record': 'false' });
  send(root);
  send(chat('SECRET', start({}, root)));
  const step = start({}, root);
  send(step);
  send(chat('SECRET', step), chat('SECRET', root));
  expect(exporter.stats().skipped.opted_out).toBe(2);
  expect(await sentPrompts()).toEqual(['SECRET']);
});

test('a nearer span that says true keeps its call, whatever a span above says in a later batch', async () => {
  const { start, chat, send, sentPrompts } = useExporter();
  const root = start({ 'trubrics.record': 0 });
  const near = start({ 'trubrics.record': true }, root);
  send(chat('public', near));
  send(near);
  send(root);
  expect(await sentPrompts()).toEqual(['public']);
});

test('by turn, a call that comes after its root is not recorded if that was opted out', async () => {
  const { exporter, start, chat, send, sentPrompts } = useExporter({ granularity: 'turn' });
  const root = start({ 'trubrics.record': false });
  send(root);
  send(chat('SECRET', root));
  expect(exporter.stats().skipped.opted_out).toBe(1);
  expect(await sentPrompts()).toEqual([]);
});

test('an inner call that is opted out does not complete the outer one of its batch', async () => {
  const { start, send, sentPrompts } = useExporter();
  const outer = start({ 'gen_ai.operation.name': 'chat' });
  const inner = start(
    { ...(makeChatSpan({ prompt: 'SECRET' }).attributes as Attributes), 'trubrics.record': false },
    outer,
  );
  send(inner, outer);
  expect(await sentPrompts()).toEqual([]);
});
