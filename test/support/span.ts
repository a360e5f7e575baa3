import type { SpanEventLike, SpanLike } from '../../src/reading/model/span-like.js';

let nextId = 1;

/** The fields of a span that a test chooses. The others get defaults, ids unique ones. */
export interface SpanSketch {
  readonly name?: string;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly attributes?: Record<string, unknown>;
  readonly events?: readonly SpanEventLike[];
  readonly status?: { readonly code: number; readonly message?: string };
  readonly resource?: SpanLike['resource'];
  /** Milliseconds since the epoch. */
  readonly startMs?: number;
  readonly durationMs?: number;
}

/** Makes a finished span as SDK 2.x passes it to an exporter. */
export function makeSpan(sketch: SpanSketch = {}): SpanLike {
  const spanId = sketch.spanId ?? (nextId++).toString(16).padStart(16, '0');
  const traceId = sketch.traceId ?? '0af7651916cd43dd8448eb211c80319c';
  const startMs = sketch.startMs ?? Date.UTC(2026, 0, 2, 3, 4, 5);
  return {
    name: sketch.name ?? 'span',
    kind: 2,
    spanContext: () => ({ traceId, spanId, traceFlags: 1 }),
    parentSpanContext: sketch.parentSpanId === undefined ? undefined : { spanId: sketch.parentSpanId },
    startTime: toHrTime(startMs),
    endTime: toHrTime(startMs + (sketch.durationMs ?? 1500)),
    status: sketch.status ?? { code: 0 },
    attributes: sketch.attributes ?? {},
    events: sketch.events ?? [],
    resource: sketch.resource ?? { attributes: { 'service.name': 'test-app' } },
    instrumentationScope: { name: 'test' },
  };
}

/** Makes a chat span in the GenAI conventions, with a prompt and an answer. */
export function makeChatSpan(
  sketch: SpanSketch & { readonly prompt?: string; readonly answer?: string } = {},
): SpanLike {
  const { prompt = 'What is the capital of Italy?', answer = 'Rome' } = sketch;
  return makeSpan({
    name: 'chat gpt-4o-mini',
    ...sketch,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o-mini',
      'gen_ai.input.messages': JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: prompt }] }]),
      'gen_ai.output.messages': JSON.stringify([
        { role: 'assistant', parts: [{ type: 'text', content: answer }], finish_reason: 'stop' },
      ]),
      ...sketch.attributes,
    },
  });
}

function toHrTime(ms: number): [number, number] {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
