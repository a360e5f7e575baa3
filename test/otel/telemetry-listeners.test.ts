import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parentSpanIdOf, type HrTime, type SpanLike } from '../../src/reading/model/span-like.js';
import { loadCaptures } from '../support/captures.js';
import { replayThroughExporter, replayThroughProcessor } from '../support/replay-spans.js';

class OpenTelemetry {
  readonly onStart = (): void => undefined;
}
class Other extends OpenTelemetry {}

const captures = loadCaptures()
  .filter(({ name }) => /^vercel-ai-sdk-(?:legacyotel-)?7/.test(name))
  .map((capture) => [capture.name, capture] as const);

function listen(...listeners: readonly unknown[]): void {
  vi.stubGlobal('AI_SDK_TELEMETRY_INTEGRATIONS', listeners);
}

function laterBy(ms: number, [seconds, nanos]: HrTime): HrTime {
  const total = nanos + ms * 1e6;
  return [seconds + Math.floor(total / 1e9), total % 1e9];
}

/** The spans that a second listener of the same call makes, in a trace of its own. */
function repeated(spans: readonly SpanLike[], responseIds = ''): SpanLike[] {
  const id = (given: string): string => `${given.slice(1)}f`;
  return spans.map((span) => {
    const { traceId, spanId, ...context } = span.spanContext();
    const parentSpanId = parentSpanIdOf(span);
    const parent = !parentSpanId ? {} : { parentSpanId: id(parentSpanId) };
    const { parentSpanContext: _, ...fields } = span;
    const responseId = span.attributes['gen_ai.response.id'];
    return {
      ...fields,
      ...parent,
      attributes: {
        ...span.attributes,
        ...(typeof responseId === 'string' && { 'gen_ai.response.id': `${responseId}${responseIds}` }),
      },
      startTime: laterBy(1, span.startTime),
      endTime: laterBy(2, span.endTime),
      spanContext: () => ({ ...context, traceId: id(traceId), spanId: id(spanId) }),
    };
  });
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('there are captures of the AI SDK 7 to repeat', () => {
  expect(captures.length).toBeGreaterThan(3);
});

for (const granularity of ['call', 'turn'] as const) {
  for (const [way, replay] of [
    ['processor', replayThroughProcessor],
    ['exporter', replayThroughExporter],
  ] as const) {
    test.each(captures)(
      `a ${granularity} that two registerTelemetry() traced is one record of the ${way}: %s`,
      async (_name, { spans }) => {
        listen(new OpenTelemetry(), new OpenTelemetry());
        const once = await replay({ spans }, { granularity });
        const twice = await replay({ spans: [...spans, ...repeated(spans)] }, { granularity });
        expect(once.records.length).toBeGreaterThan(0);
        expect(twice.records.map(({ prompt, generation }) => [prompt, generation])).toEqual(
          once.records.map(({ prompt, generation }) => [prompt, generation]),
        );
      },
    );
  }
}

test.each([
  ['one listener', () => listen(new OpenTelemetry()), ''],
  ['no list of listeners', () => listen(), ''],
  ['two listeners, and two answers', () => listen(new OpenTelemetry(), new OpenTelemetry()), '-b'],
])('equal calls at one time stay two with %s', async (_title, register, responseIds) => {
  register();
  const [, capture] = captures.find(([name]) => name.endsWith('7.0.173-generatetext-multiturn')) ?? [];
  const spans = capture?.spans ?? [];
  const { records } = await replayThroughProcessor(
    { spans: [...spans, ...repeated(spans, responseIds)] },
    {},
  );
  expect(records).toHaveLength(2);
});

test('two listeners of one class are a warning, and two of different classes are none', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const [, capture] = captures[0] ?? [];
  const spans = capture?.spans ?? [];
  vi.resetModules();
  const fresh = await import('../support/replay-spans.js');
  listen(new OpenTelemetry(), new Other());
  await fresh.replayThroughProcessor({ spans }, {});
  expect(warn).not.toHaveBeenCalled();
  listen(new OpenTelemetry(), new OpenTelemetry());
  await fresh.replayThroughProcessor({ spans }, {});
  await fresh.replayThroughExporter({ spans }, {});
  expect(warn).toHaveBeenCalledOnce();
  expect(warn.mock.lastCall?.[0]).toMatch(/^registerTelemetry\(\) was called twice/);
});
