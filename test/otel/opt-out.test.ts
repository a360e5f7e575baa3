import { context, propagation, ROOT_CONTEXT, trace, type Attributes, type Context } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import {
  toPromptRecords,
  TrubricsClient,
  TrubricsSpanExporter,
  withTrubrics,
  type Identity,
} from '../../src/index.js';
import { collectSpans } from '../support/collect-spans.js';
import { makeSpan } from '../support/span.js';
import { memoryDestination } from '../support/memory-destination.js';
import { useDiag } from '../support/use-diag.js';
import { useContextManager } from '../support/use-context-manager.js';
import { useProvider } from '../support/use-provider.js';

const said = (role: string, content: string) =>
  JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);
const SECRET = {
  'gen_ai.input.messages': said('user', 'SECRET q'),
  'gen_ai.output.messages': said('assistant', 'SECRET a'),
};
const CHAT = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' };

useContextManager();

describe.each(['call', 'turn', 'both'] as const)('nobody is recorded who opted out, by %s', (granularity) => {
  function useLibraries() {
    const collected = collectSpans();
    const { provider, destination, processor } = useProvider(
      { granularity, flushAt: 20 },
      { spanProcessors: [collected.processor] },
    );
    const start = (library: string, attributes: Attributes, below: Context = ROOT_CONTEXT) =>
      provider.getTracer(library).startSpan('span', { attributes: { ...CHAT, ...attributes } }, below);
    const sent = async () => {
      await processor.forceFlush();
      return JSON.stringify([destination.records, destination.events]);
    };
    return { provider, processor, start, sent, ended: collected.spans };
  }

  test('an inner span that is opted out does not complete an outer one without content', async () => {
    const { start, sent, ended, processor } = useLibraries();
    const outer = start('a', {});
    start('b', { 'trubrics.record': false, ...SECRET }, trace.setSpan(ROOT_CONTEXT, outer)).end();
    outer.end();
    expect(await sent()).not.toContain('SECRET');
    expect(processor.stats().skipped.opted_out).toBe(1);
    expect(JSON.stringify(toPromptRecords(ended))).not.toContain('SECRET');
  });

  test('an inner span in a context that is opted out does not complete an outer one', async () => {
    const { start, sent } = useLibraries();
    const outer = start('a', { 'gen_ai.input.messages': said('user', 'q') });

    const inner = withTrubrics({ record: false }, () =>
      start('b', SECRET, trace.setSpan(context.active(), outer)),
    );
    inner.end();
    outer.end();
    expect(await sent()).not.toContain('SECRET');
  });

  test('the context of a span above opts a call out whose own context was lost', async () => {
    const { start, sent, processor } = useLibraries();
    const root = withTrubrics({ record: false }, () =>
      start('app', { 'gen_ai.operation.name': 'x' }, context.active()),
    );
    const between = start('app', { 'gen_ai.operation.name': 'y' }, trace.setSpan(ROOT_CONTEXT, root));
    start('a', SECRET, trace.setSpan(ROOT_CONTEXT, between)).end();
    between.end();
    root.end();
    expect(await sent()).toBe('[[],[]]');
    expect(processor.stats().skipped.opted_out).toBe(1);
  });

  test('a call below an opt-out is recorded if its own context says so', async () => {
    const { start, sent } = useLibraries();
    const root = withTrubrics({ record: false }, () =>
      start('app', { 'gen_ai.operation.name': 'x' }, context.active()),
    );
    withTrubrics({ record: true }, () => start('a', SECRET, trace.setSpan(context.active(), root)).end());
    root.end();
    expect(await sent()).toContain('SECRET a');
  });

  test('an opt-out in the baggage of a request holds without an allow-list', async () => {
    const { start, sent, processor } = useLibraries();
    const baggage = propagation.createBaggage({ 'trubrics.record': { value: 'false' } });
    start('a', SECRET, propagation.setBaggage(ROOT_CONTEXT, baggage)).end();
    context.with(propagation.setBaggage(context.active(), baggage), () => {
      processor.track({ event: 'SECRET', userId: 'ada' });
    });
    expect(await sent()).toBe('[[],[]]');
    expect(processor.stats().skipped.opted_out).toBe(2);
  });

  test('an evaluation on a span that is opted out is not sent', async () => {
    const { start, sent } = useLibraries();
    const span = start('a', { 'trubrics.record': false, ...SECRET });
    span.addEvent('gen_ai.evaluation.result', {
      'gen_ai.evaluation.name': 'relevance',
      'gen_ai.evaluation.score.value': 0.4,
      'gen_ai.evaluation.explanation': 'User said SECRET q',
    });
    span.end();
    expect(await sent()).toBe('[[],[]]');
  });

  test.each([
    ['"false"', 'false'],
    ['0', 0],
    ['"no"', 'no'],
  ])('the value %s means not recorded', async (_title, value) => {
    const { start, sent } = useLibraries();
    start('a', { 'trubrics.record': value, ...SECRET }).end();
    expect(await sent()).toBe('[[],[]]');
  });
});

test('an opt-out on a span that is still open holds for the calls of its turn that have ended', async () => {
  const { provider, processor, destination } = useProvider({ granularity: 'turn' });
  const tracer = provider.getTracer('a');
  const root = tracer.startSpan('root');
  tracer.startSpan('chat', { attributes: { ...CHAT, ...SECRET } }, trace.setSpan(ROOT_CONTEXT, root)).end();
  root.setAttribute('trubrics.record', false);
  root.end();
  await processor.forceFlush();
  expect(destination.records).toEqual([]);
  expect(processor.stats().skipped.opted_out).toBe(1);
});

/** Values that are no boolean, with the words of the warning about them. None of them contains the other. */
const ODD_VALUES: readonly (readonly [string, unknown, string])[] = [
  ['"false"', 'false', 'a string'],
  ['"true"', 'true', 'a string'],
  ['an empty text', '', 'a string'],
  ['0', 0, 'a number'],
  ['1', 1, 'a number'],
  ['NaN', Number.NaN, 'a number'],
  ['a list', [true], 'an array'],
  ['an object', { consent: 'SECRET' }, 'an object'],
  ['a date', new Date(0), 'an object of the class Date'],
  ['null', null, 'null'],
  ['a function', () => true, 'a function'],
];

describe.each(ODD_VALUES)('the value %s of an opt-out', (_title, value, kind) => {
  const spans = () => [
    makeSpan({ spanId: 'f0', attributes: { 'trubrics.record': value } }),
    makeSpan({ spanId: 'f1', parentSpanId: 'f0', attributes: { ...CHAT, ...SECRET } }),
  ];

  test('means not recorded on a span of any origin, with a warning that names the kind and no content', async () => {
    const lines = useDiag();
    expect(toPromptRecords(spans())).toEqual([]);
    expect(toPromptRecords(spans(), { granularity: 'turn' })).toEqual([]);
    const destination = memoryDestination();
    const exporter = new TrubricsSpanExporter({ destination });
    await new Promise((resolve) => exporter.export(spans(), resolve));
    await exporter.shutdown();
    expect(destination.records).toEqual([]);
    expect(exporter.stats().skipped.opted_out).toBe(1);
    expect(lines.filter(({ text }) => /SECRET|consent/.test(text))).toEqual([]);
    const warnings = lines.filter(({ text }) => text.includes('trubrics.record is'));
    // Once in the life of the process: another value of this kind may have come before.
    for (const { text } of warnings) expect(text).toContain(`trubrics.record is ${kind}, not a boolean`);
  });

  test('means not recorded in withTrubrics(), for spans and for the client, also inside of an outer true', async () => {
    useDiag();
    const { tracer, processor, destination } = useProvider();
    const client = new TrubricsClient({ destination });
    const identity = { record: value } as Identity;
    withTrubrics({ record: true }, () =>
      withTrubrics(identity, () => {
        tracer.startSpan('chat', { attributes: { ...CHAT, ...SECRET } }).end();
        client.trackPrompt({ userId: 'u', prompt: 'SECRET', generation: 'a' });
        client.track({ event: 'SECRET', userId: 'u' });
        processor.track({ event: 'SECRET', userId: 'u' });
        processor.trackFeedback({ recordId: 'r', score: 1, comment: 'SECRET' });
      }),
    );
    await processor.forceFlush();
    await client.shutdown();
    expect([...destination.records, ...destination.events]).toEqual([]);
    expect(processor.stats().skipped.opted_out).toBe(3);
    expect(client.stats().skipped.opted_out).toBe(2);
  });
});

test('the warning about an odd value is written once for each kind of value', () => {
  const lines = useDiag();
  for (let index = 0; index < 5; index++) {
    toPromptRecords([
      makeSpan({ attributes: { ...CHAT, ...SECRET, 'trubrics.record': 7n + BigInt(index) } }),
    ]);
  }
  expect(lines.map(({ level, text }) => `${level} ${text}`)).toEqual([
    expect.stringMatching(/^warn .*trubrics\.record is a bigint, not a boolean/),
  ]);
});

test('an identity whose opt-out cannot be read counts as opted out', async () => {
  const { tracer, processor, destination } = useProvider();
  const identity = {
    get record(): boolean {
      throw new Error('no');
    },
  };
  withTrubrics(identity, () => tracer.startSpan('chat', { attributes: { ...CHAT, ...SECRET } }).end());
  await processor.forceFlush();
  expect(destination.records).toEqual([]);
});
