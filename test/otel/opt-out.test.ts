import { context, ROOT_CONTEXT, trace, type Attributes, type Context } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import { toPromptRecords, withTrubrics } from '../../src/index.js';
import { collectSpans } from '../support/collect-spans.js';
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
