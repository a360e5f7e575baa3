import { expect } from 'vitest';
import type { SpanLike } from '../../../src/reading/model/span-like.js';
import type { StoredRecord } from '../../../src/server/index.js';
import { CollectorModel, type CollectorCounts } from '../../support/collector-model.js';
import { eventually } from '../../support/eventually.js';
import { jsonRequest, protobufRequest } from '../../support/otlp-encoder.js';
import { seededRandom, shuffled } from '../../support/random-trace.js';
import { makeChatSpan, makeSpan } from '../../support/span.js';

/** The Collector's seconds pass so many times faster. */
const SPEED = 100;

/** Traces as an application has them, in the order in which spans end: requests with a user, steps, and calls. */
export function requestsOf(seed: number, traces: number): readonly (readonly SpanLike[])[] {
  const random = seededRandom(seed);
  return Array.from({ length: traces }, (_, index) => {
    const traceId = (seed * 10_000 + index + 1).toString(16).padStart(32, 'c');
    const at = (parent: SpanLike) => ({ traceId, parentSpanId: parent.spanContext().spanId });
    const root = makeSpan({
      traceId,
      durationMs: 9000,
      attributes: { 'user.id': `user-${index % 7}`, 'session.id': `thread-${index % 11}` },
    });
    const step = makeSpan({ ...at(root), durationMs: 8000 });
    const calls = Array.from({ length: 1 + Math.floor(random() * 3) }, (_call, number) => {
      const text = { prompt: `question ${index} ${number}`, answer: `answer ${index} ${number}` };
      const outer = makeChatSpan({ ...at(step), ...text, durationMs: 7000 });
      return random() < 0.4 ? [makeChatSpan({ ...at(outer), ...text, durationMs: 6000 }), outer] : [outer];
    });
    return [...calls.flat(), step, root];
  });
}

/** The request of an exporter, with one span that cannot be read in some of them: it must not cost the others. */
function encode(spans: readonly SpanLike[], isJson: boolean, isDamaged: boolean) {
  const contentType = isJson ? 'application/json' : 'application/x-protobuf';
  const damaged = isDamaged ? [makeSpan({ traceId: 'not a trace id' })] : [];
  const all = [...spans, ...damaged];
  const body = isJson ? new TextEncoder().encode(jsonRequest(all)) : protobufRequest(all);
  return { path: '/v1/traces', contentType, body } as const;
}

/** The servers behind a Collector, and what can go wrong with them. */
export interface Outages {
  readonly addressOf: (routingKey: string) => string;
  /** Lets something fail from now on. Called before each group of requests with its number. */
  readonly disturb: (group: number, random: () => number) => Promise<void>;
  /** Ends all disturbances. */
  readonly recover: () => Promise<void>;
  readonly records: () => Promise<readonly StoredRecord[]>;
  readonly timeoutMs: number;
  /** Called with the time that the Collector has waited before it sends again. */
  readonly onWaited?: (ms: number) => void;
  /** False if servers are restarted: a server that ends forgets facts of calls that have not come yet. */
  readonly keepsFacts: boolean;
}

/** Requests that are sent while the same things fail. */
const GROUP = 10;

/** Sends traces through outages of both sides. Afterwards, every call is recorded once, with its user and thread unless the server that knew them had ended. */
export async function sendThroughOutages(
  seed: number,
  traces: number,
  outages: Outages,
): Promise<CollectorCounts> {
  const random = seededRandom(seed);
  const collector = new CollectorModel({
    addressOf: outages.addressOf,
    async wait(ms) {
      await pause(ms / SPEED);
      outages.onWaited?.(ms);
    },
    random,
    timeoutMs: outages.timeoutMs,
  });
  const made = requestsOf(seed, traces);
  // Each trace in one to three requests, in the order of its ends; traces in any order.
  const requests = shuffled(made, seed).flatMap((spans) => {
    const size = Math.ceil(spans.length / (1 + Math.floor(random() * 3)));
    const parts = Array.from({ length: Math.ceil(spans.length / size) }, (_, i) =>
      spans.slice(i * size, (i + 1) * size),
    );
    return parts.map((part) => ({
      ...encode(part, random() < 0.3, random() < 0.1),
      routingKey: part[0]?.spanContext().traceId ?? '',
    }));
  });
  for (let start = 0; start < requests.length; start += GROUP) {
    await outages.disturb(start / GROUP, random);
    const before = collector.counts.attempts;
    for (const request of requests.slice(start, start + GROUP)) collector.add(request);
    if (random() < 0.3) collector.restart();
    // As many attempts as requests have met what fails now.
    while (collector.counts.attempts < before + GROUP && !collector.isEmpty) await pause(5);
  }
  await outages.recover();
  await collector.empty();

  const expected = made.flatMap((spans) => {
    const { 'user.id': userId, 'session.id': threadId } = spans.at(-1)?.attributes ?? {};
    const chats = spans.filter(({ name }) => name.startsWith('chat'));
    const ids = new Set(chats.map((span) => span.spanContext().spanId));
    // An inner span is part of the call of the outer one.
    const outer = chats.filter((span) => !ids.has(span.parentSpanContext?.spanId ?? ''));
    return outer.map((span) => ({
      id: `${span.spanContext().traceId}-${span.spanContext().spanId}`,
      userId,
      threadId,
    }));
  });
  const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : 1);
  const check = async (): Promise<void> => {
    const stored = (await outages.records()).map(({ id, userId, threadId }) => ({ id, userId, threadId }));
    const wanted = new Map(expected.map((one) => [one.id, one]));
    const known = stored.map((one) =>
      one.userId === 'anonymous' && !outages.keepsFacts ? (wanted.get(one.id) ?? one) : one,
    );
    expect(known.toSorted(byId)).toEqual(expected.toSorted(byId));
  };
  // Facts that came before their call are looked up again after five seconds.
  await eventually(check);
  expect(collector.counts.dropped).toEqual([]);
  return collector.counts;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
