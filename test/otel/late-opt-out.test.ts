import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT_CONTEXT, trace, type Attributes, type Context, type Span } from '@opentelemetry/api';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TrubricsClient, TrubricsLogRecordProcessor, TrubricsSpanProcessor } from '../../src/index.js';
import type { TrubricsOptions } from '../../src/index.js';
import { fileSpool } from '../../src/node/index.js';
import { memoryDestination, type MemoryDestination } from '../support/memory-destination.js';
import { useContextManager } from '../support/use-context-manager.js';
import { useProvider } from '../support/use-provider.js';
import { eventually } from '../support/eventually.js';

const said = (role: string, content: string) =>
  JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);
const CHAT = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' };
const chat = (text: string): Attributes => ({
  ...CHAT,
  'gen_ai.input.messages': said('user', `${text} q`),
  'gen_ai.output.messages': said('assistant', `${text} a`),
});
const EVALUATION = {
  'gen_ai.evaluation.name': 'relevance',
  'gen_ai.evaluation.score.value': 0.4,
  'gen_ai.evaluation.explanation': 'User said SECRET q',
};

useContextManager();

/** A destination that fails until `isDown` is set to false. */
function failingDestination(): MemoryDestination & { isDown: boolean } {
  const memory = memoryDestination();
  return {
    ...memory,
    isDown: true,
    async send(batch, context) {
      return this.isDown ? { status: 503 } : memory.send(batch, context);
    },
  };
}

async function spoolFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'late-opt-out-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** The content of every file below a folder. */
async function textIn(dir: string): Promise<string> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const texts = entries
    .filter((entry) => entry.isFile())
    .map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8'));
  return (await Promise.all(texts)).join('\n');
}

function useOutage(options: TrubricsOptions) {
  const destination = failingDestination();
  const under = useProvider({ flushTimeoutMs: 500, ...options, destination });
  const start = (attributes: Attributes, parent?: Span): Span => {
    const below: Context = parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
    return under.tracer.startSpan('span', { attributes }, below);
  };
  const sent = () => JSON.stringify([destination.records, destination.events]);
  const stats = () => under.processor.stats().destinations[0];
  return { ...under, destination, start, sent, stats };
}

describe.each(['call', 'turn', 'both'] as const)(
  'an opt-out on a span that is still open, by %s',
  (granularity) => {
    test('withdraws the records below it that wait in memory, and no others', async () => {
      const { start, destination, processor, sent } = useOutage({ granularity });
      const refused = start({});
      const kept = start({});
      for (let index = 0; index < 30; index++) {
        start(chat(`SECRET ${index}`), refused).end();
        start(chat(`public ${index}`), kept).end();
      }
      await processor.forceFlush();
      refused.setAttribute('trubrics.record', false);
      refused.end();
      kept.end();
      destination.isDown = false;
      await processor.flush();
      expect(sent()).not.toContain('SECRET');
      for (let index = 0; index < 30; index++) expect(sent()).toContain(`public ${index} q`);
    });

    test('withdraws the records below it that wait on disk, and erases them there', async () => {
      const dir = await spoolFolder();
      const spool = () => fileSpool({ dir, claimWithinMs: 0 });
      const { start, processor, provider } = useOutage({ granularity, spool: spool() });
      const refused = start({});
      const kept = start({});
      for (let index = 0; index < 30; index++) {
        start(chat(`SECRET ${index}`), refused).end();
        start(chat(`public ${index}`), kept).end();
      }
      await processor.forceFlush();
      refused.setAttribute('trubrics.record', false);
      refused.end();
      kept.end();
      await processor.forceFlush();
      expect(await textIn(dir)).not.toContain('SECRET');
      expect(await textIn(dir)).toContain('public 29 q');
      await provider.shutdown();

      // The process that claims the file must not find them either.
      const heirDestination = memoryDestination();
      const heir = new TrubricsSpanProcessor({ destination: heirDestination, spool: spool() });
      await eventually(() => expect(heir.stats().destinations[0]?.spool?.claimed).toBeGreaterThan(0));
      await heir.flush();
      const heirText = JSON.stringify([heirDestination.records, heirDestination.events]);
      expect(heirText).not.toContain('SECRET');
      for (let index = 0; index < 30; index++) expect(heirText).toContain(`public ${index} q`);
      expect(heir.stats().destinations).toMatchObject([{ queued: 0, inFlight: 0, spooled: 0 }]);
      await heir.shutdown();
    });
  },
);

test('every record that an opt-out withdraws is counted as opted_out, and the rest is delivered', async () => {
  const dir = await spoolFolder();
  const { start, processor, stats, destination } = useOutage({
    spool: fileSpool({ dir, claimWithinMs: 0 }),
    flushAt: 7,
  });
  const root = start({});
  for (let index = 0; index < 1_200; index++) start(chat(`SECRET ${index}`), root).end();
  for (let index = 0; index < 10; index++) start(chat(`public ${index}`)).end();
  await processor.forceFlush();
  root.setAttribute('trubrics.record', 'false');
  root.end();
  destination.isDown = false;
  await processor.flush();
  expect(stats()).toMatchObject({ accepted: 1_210, delivered: 10, spooled: 0, queued: 0, inFlight: 0 });
  expect(stats()?.dropped.opted_out).toBe(1_200);
  expect(destination.records.every(({ prompt }) => prompt.startsWith('public'))).toBe(true);
});

test('an opt-out that is set while a record waits holds from the next request on, before the span ends', async () => {
  const { start, processor, destination } = useOutage({});
  const root = start({});
  start(chat('SECRET'), root).end();
  await processor.forceFlush();
  root.setAttribute('trubrics.record', false);
  destination.isDown = false;
  await processor.flush();
  expect(destination.records).toEqual([]);
  expect(processor.stats().destinations[0]?.dropped.opted_out).toBe(1);
  root.end();
});

test('a nearer span that says true keeps its record, whatever a span above says later', async () => {
  const { start, processor, destination } = useOutage({});
  const root = start({});
  const near = start({ 'trubrics.record': true }, root);
  start(chat('public'), near).end();
  near.end();
  root.setAttribute('trubrics.record', false);
  root.end();
  destination.isDown = false;
  await processor.flush();
  expect(destination.records).toHaveLength(1);
});

test('an inner call does not complete the call around it after a span between them was opted out', async () => {
  const { start, processor, destination, sent } = useOutage({});
  destination.isDown = false;
  const outer = start({ ...CHAT, 'gen_ai.input.messages': said('user', 'q') });
  const between = start({}, outer);
  start(chat('SECRET'), between).end();
  between.setAttribute('trubrics.record', 0);
  between.end();
  outer.end();
  await processor.flush();
  expect(sent()).not.toContain('SECRET');
});

describe('evaluations and feedback on a call that is opted out are not sent', () => {
  const log = (span: Span) => ({
    eventName: 'gen_ai.evaluation.result',
    attributes: EVALUATION,
    spanContext: span.spanContext(),
  });

  test.each(['before', 'after'] as const)(
    'an evaluation in a log record %s the end of the call',
    async (when) => {
      const { start, processor, destination, sent } = useOutage({});
      destination.isDown = false;
      const logs = new TrubricsLogRecordProcessor(processor);
      const span = start({ ...chat('SECRET'), 'trubrics.record': false });
      if (when === 'before') logs.onEmit(log(span));
      span.end();
      if (when === 'after') logs.onEmit(log(span));
      await processor.flush();
      expect(sent()).toBe('[[],[]]');
      expect(processor.stats().skipped.opted_out).toBe(2);
    },
  );

  test('evaluations of a call, on its span and in log records, go when a span above is opted out later', async () => {
    const { start, processor, destination, sent } = useOutage({});
    const logs = new TrubricsLogRecordProcessor(processor);
    const root = start({});
    const span = start(chat('SECRET'), root);
    span.addEvent('gen_ai.evaluation.result', EVALUATION);
    logs.onEmit(log(span));
    span.end();
    logs.onEmit(log(span));
    await processor.forceFlush();
    root.setAttribute('trubrics.record', false);
    root.end();
    logs.onEmit(log(span));
    processor.trackFeedback({ spanContext: span.spanContext(), score: 1, comment: 'SECRET' });
    destination.isDown = false;
    await processor.flush();
    expect(sent()).toBe('[[],[]]');
  });

  test.each([
    ['its span', (span: Span) => ({ spanContext: span.spanContext() })],
    [
      'its record',
      (span: Span) => ({ recordId: `${span.spanContext().traceId}-${span.spanContext().spanId}` }),
    ],
    ['its run', () => ({ runId: 'run-1' })],
    ['its run and its thread', () => ({ runId: 'run-1', threadId: 't' })],
  ])('feedback that names %s', async (_name, targetOf) => {
    const { start, processor, destination, sent } = useOutage({});
    destination.isDown = false;
    const span = start({ ...chat('SECRET'), 'trubrics.record': false, 'trubrics.run.id': 'run-1' });
    span.end();
    start(chat('public')).end();
    const client = new TrubricsClient({ destination });
    for (const target of [processor, client])
      target.trackFeedback({ ...targetOf(span), userId: 'u', score: 1, comment: 'SECRET' });
    await client.shutdown();
    await processor.shutdown();
    expect(sent()).not.toContain('SECRET');
    expect(destination.records).toHaveLength(1);
    expect(processor.stats().skipped.opted_out).toBe(2);
    expect(client.stats().skipped.opted_out).toBe(1);
  });
});
