import { type Attributes, context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { BasicTracerProvider, SamplingDecision } from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';
import { registryOf } from '../../../src/langchain/handler/registries.js';
import { type FirstRun, withFirstRun } from '../../../src/langchain/runs/run-context.js';
import { endSpan, runLabel } from '../../../src/langchain/runs/run-span.js';
import type { RunStart } from '../../../src/langchain/runs/run.js';
import { makeRun } from '../../support/make-run.js';
import { parentId, tracing } from '../../support/tracing.js';
import { useContextManager } from '../../support/use-context-manager.js';
import { useHandler } from '../../support/use-handler.js';

useContextManager();

test('the span of a run says its id and its type', () => {
  const { otel, handler } = useHandler();
  handler.handleChainStart({}, {}, 'chain 1');
  handler.handleToolStart({}, '', 'tool 1', 'chain 1');
  handler.handleToolEnd('', 'tool 1');
  handler.handleChainEnd({}, 'chain 1');
  expect(
    otel.spans.map(({ attributes }) => [attributes['trubrics.run.id'], attributes['trubrics.run.type']]),
  ).toEqual([
    ['tool 1', 'tool'],
    ['chain 1', 'chain'],
  ]);
});

test('a sampler sees operation, provider, model and server, as the conventions demand', () => {
  const seen: Attributes[] = [];
  const tracerProvider = new BasicTracerProvider({
    sampler: {
      shouldSample: (_context, _traceId, _name, _kind, attributes) => {
        seen.push({ ...attributes });
        return { decision: SamplingDecision.RECORD_AND_SAMPLED };
      },
    },
  });
  const { handler } = useHandler({ tracerProvider });
  const serialized = { kwargs: { base_url: 'https://models.test/v1' } };
  const extraParams = { invocation_params: { model: 'm-1', temperature: 0.5 } };
  handler.handleChatModelStart(serialized, [[]], 'run', undefined, extraParams, [], { ls_provider: 'acme' });
  expect(seen).toEqual([
    {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'acme',
      'gen_ai.request.model': 'm-1',
      'gen_ai.request.temperature': 0.5,
      'server.address': 'models.test',
      'server.port': 443,
    },
  ]);
});

test('user, conversation and tags are recorded although the content of the start cannot be read', () => {
  const { otel, handler } = useHandler();
  const messages = new Proxy([], {
    get: () => {
      throw new Error('no');
    },
  });
  handler.handleChatModelStart({}, [messages], 'run', undefined, {}, ['tag'], { user_id: 'ada' });
  handler.handleLLMEnd({ generations: [] }, 'run');
  expect(otel.span('chat').attributes).toMatchObject({
    'user.id': 'ada',
    'trubrics.tags': ['langchain', 'tag'],
    'trubrics.run.id': 'run',
  });
});

test('a run is named by its user, else by its class', () => {
  const label = (runName?: unknown, serialized?: unknown): string =>
    runLabel({ runName, serialized } as unknown as RunStart);
  expect(label('mine', { name: 'Name', id: ['a', 'Class'] })).toBe('mine');
  expect(label(undefined, { name: 'Name', id: ['a', 'Class'] })).toBe('Name');
  expect(label(undefined, { id: ['a', 'Class'] })).toBe('Class');
  expect(label()).toBe('unknown');
  expect(label('x'.repeat(300))).toHaveLength(200);
});

test('a span ends at the given time, also if its last attributes cannot be set', () => {
  const otel = tracing();
  const endMs = Date.now() + 5_000;
  const run = makeRun({ span: otel.tracer.startSpan('run'), outerContext: ROOT_CONTEXT });
  const fail = (): never => {
    throw new Error('no');
  };
  expect(() => endSpan(run, fail, endMs)).toThrow('no');
  const [seconds, nanos] = otel.span('run').endTime;
  expect(seconds * 1e3 + nanos / 1e6).toBeCloseTo(endMs, 0);
  // A hidden run has no span.
  expect(() => endSpan(makeRun(), fail)).not.toThrow();
});

test('the first run of a caller is told to it', () => {
  const { handler } = useHandler();
  const first: FirstRun = { runId: undefined, tags: undefined };
  context.with(withFirstRun(context.active(), first), () => handler.handleChainStart({}, {}, 'chain 1'));
  expect(first.runId).toBe('chain 1');
});

test('runs below an agent belong to it, so that its own graph is no agent again', () => {
  const { otel, handler } = useHandler();
  const metadata = { lc_agent_name: 'guide' };
  handler.handleChainStart({}, {}, 'agent', undefined, [], metadata);
  handler.handleToolStart({}, '', 'tool', 'agent');
  handler.handleChainStart({}, {}, 'graph', 'tool', [], metadata);
  handler.handleChainEnd({}, 'graph');
  handler.handleToolEnd('', 'tool');
  handler.handleChainEnd({}, 'agent');
  expect(otel.spans.filter(({ name }) => name.startsWith('invoke_agent'))).toHaveLength(1);
});

test('a run below a span that the application started inside its parent is a child of that span', () => {
  const { otel, handler } = useHandler();
  handler.handleChainStart({}, {}, 'chain');
  const inside = registryOf(otel.tracerProvider).inheritedFrom('chain', undefined)?.context ?? ROOT_CONTEXT;
  const own = otel.tracer.startSpan('own', {}, inside);
  context.with(trace.setSpan(inside, own), () => handler.handleToolStart({}, '', 'tool', 'chain'));
  handler.handleToolEnd('', 'tool');
  expect(parentId(otel.span('execute_tool'))).toBe(own.spanContext().spanId);
});
