import { expect, onTestFinished, test, vi } from 'vitest';
import type { SpanLike } from '../../../src/reading/model/span-like.js';
import type { RecordStore, RunningServer, StoredRecord } from '../../../src/server/index.js';
import { protobufLogs, protobufRequest, type LogSketch } from '../../support/otlp-encoder.js';
import { seededRandom, shuffled } from '../../support/random-trace.js';
import { post, prompt } from '../../support/server-requests.js';
import { makeChatSpan, makeSpan } from '../../support/span.js';
import { useServer } from '../../support/use-server.js';

type Send = (...items: readonly (SpanLike | LogSketch)[]) => Promise<void>;

/** Several servers over one store, in one process. */
interface Gateways {
  /** Sends spans or log records to a server: to a new one without a name of before. */
  readonly to: (name: string) => Promise<Send>;
  /** Lets time pass until every server has looked at the store again. */
  readonly wait: () => Promise<void>;
  readonly records: () => Promise<readonly StoredRecord[]>;
  readonly store: RecordStore;
  readonly server: (name: string) => Promise<RunningServer>;
}

let traces = 0;
const newTrace = (): string => (++traces).toString(16).padStart(32, 'a');
const idOf = (span: SpanLike): string => `${span.spanContext().traceId}-${span.spanContext().spanId}`;
const below = (span: SpanLike) => ({
  traceId: span.spanContext().traceId,
  parentSpanId: span.spanContext().spanId,
});
const evaluationOf = (span: SpanLike): LogSketch => ({
  ...span.spanContext(),
  timeMs: 5,
  eventName: 'gen_ai.evaluation.result',
  attributes: { 'gen_ai.evaluation.name': 'Relevance', 'gen_ai.evaluation.score.value': 0.5 },
});

/**
 * Joins over what is stored: calls come to one server, facts about them to another. `open` opens the same store each time. Each scenario is run
 * with the facts last and with the facts first.
 */
export function checkLateFacts(engine: string, open: () => Promise<() => Promise<RecordStore>>): void {
  async function useGateways(): Promise<Gateways> {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'], now: Date.now() });
    onTestFinished(() => void vi.useRealTimers());
    const openStore = await open();
    const store = await openStore();
    const servers = new Map<string, RunningServer>();
    const server = async (name: string): Promise<RunningServer> => {
      const known = servers.get(name) ?? (await useServer({ store: await openStore() }));
      servers.set(name, known);
      return known;
    };
    return {
      store,
      server,
      to: async (name) => {
        const { url } = await server(name);
        return async (...items) => {
          const spans = items.filter((item): item is SpanLike => 'spanContext' in item);
          const logs = items.filter((item): item is LogSketch => !('spanContext' in item));
          const requests = [
            ...(spans.length > 0 ? [['traces', protobufRequest(spans)] as const] : []),
            ...(logs.length > 0 ? [['logs', protobufLogs(logs)] as const] : []),
          ];
          for (const [path, body] of requests) {
            const headers = { 'content-type': 'application/x-protobuf' };
            const sent = { method: 'POST', headers, body: new Uint8Array(body) };
            expect((await fetch(`${url}/v1/${path}`, sent)).status).toBe(200);
          }
        };
      },
      async wait() {
        await vi.advanceTimersByTimeAsync(6_000);
      },
      records: async () => (await store.list({}, { limit: 1000 })).records.toReversed(),
    };
  }

  /** Runs steps in the given order, and in the other. */
  async function inBothOrders(
    scenario: (
      calls: Send,
      facts: Send,
      order: (steps: readonly (() => Promise<void>)[]) => Promise<void>,
    ) => Promise<string>,
    check: (record: StoredRecord | undefined, gateways: Gateways) => void | Promise<void>,
  ): Promise<void> {
    for (const isReversed of [false, true]) {
      const gateways = await useGateways();
      const id = await scenario(await gateways.to('a'), await gateways.to('b'), async (steps) => {
        for (const step of isReversed ? steps.toReversed() : steps) await step();
      });
      await gateways.wait();
      const isDone = async (): Promise<void> => check((await gateways.store.get([id])).get(id), gateways);
      await vi.waitFor(isDone, { timeout: 15_000, interval: 20 });
      vi.useRealTimers();
    }
  }

  test(`${engine}: user and thread of the root that another server got complete the record of the call`, async () => {
    await inBothOrders(
      async (calls, facts, order) => {
        const root = makeSpan({ traceId: newTrace(), attributes: { 'user.id': 'ada', 'session.id': 's' } });
        const call = makeChatSpan({ traceId: root.spanContext().traceId, parentSpanId: 'feedfeedfeedfeed' });
        await order([() => calls(call), () => facts(root)]);
        return idOf(call);
      },
      (record) => expect(record).toMatchObject({ userId: 'ada', threadId: 's', prompt: expect.any(String) }),
    );
  });

  test(`${engine}: of the known spans above a call, the nearest decides, and no span beside it`, async () => {
    await inBothOrders(
      async (calls, facts, order) => {
        const root = makeSpan({ traceId: newTrace(), attributes: { 'user.id': 'root', 'session.id': 's' } });
        const middle = makeSpan({ ...below(root), attributes: { 'user.id': 'middle' } });
        const beside = makeSpan({ ...below(root), attributes: { 'user.id': 'beside', 'session.id': 'x' } });
        const parent = makeSpan(below(middle));
        const call = makeChatSpan(below(parent));
        await order([() => calls(call), () => facts(beside, parent), () => facts(middle), () => facts(root)]);
        return idOf(call);
      },
      (record) => expect(record).toMatchObject({ userId: 'middle', threadId: 's' }),
    );
  });

  test(`${engine}: a gap that closes late lets facts of before reach the call`, async () => {
    await inBothOrders(
      async (calls, facts, order) => {
        const root = makeSpan({ traceId: newTrace() });
        const middle = makeSpan({ ...below(root), attributes: { 'user.id': 'ada' } });
        const parent = makeSpan(below(middle));
        const call = makeChatSpan(below(parent));
        await order([() => calls(call), () => facts(root), () => facts(middle), () => facts(parent)]);
        return idOf(call);
      },
      (record) => expect(record).toMatchObject({ userId: 'ada' }),
    );
  });

  test(`${engine}: what a call says itself stays, and so does a record of the ingestion API`, async () => {
    const gateways = await useGateways();
    const root = makeSpan({ traceId: newTrace(), attributes: { 'user.id': 'root', 'session.id': 's' } });
    const named = makeChatSpan({ ...below(root), attributes: { 'user.id': 'own' } });
    const published = makeChatSpan(below(root));
    const properties = { $event_id: idOf(published), trace_id: root.spanContext().traceId };
    await (
      await gateways.to('a')
    )(named);
    await post(await gateways.server('a'), [prompt({ user_id: 'anonymous', properties })]);
    await (
      await gateways.to('b')
    )(root);
    await gateways.wait();
    const stored = await gateways.store.get([idOf(named), idOf(published)]);
    expect(stored.get(idOf(named))).toMatchObject({ userId: 'own', threadId: 's' });
    expect(stored.get(idOf(published))).toMatchObject({ userId: 'anonymous' });
  });

  test(`${engine}: an opt-out that came to another server removes the record and the feedback on it`, async () => {
    const optOut = { 'trubrics.record': false };
    const places: readonly ((root: SpanLike, call: SpanLike) => SpanLike | LogSketch)[] = [
      ({ ...root }) => makeSpan({ ...root.spanContext(), attributes: optOut }),
      (root) => makeSpan({ ...below(root), spanId: 'feedfeedfeedfeed', attributes: optOut }),
      (_root, call) => ({
        ...call.spanContext(),
        timeMs: 3,
        eventName: 'gen_ai.user.message',
        attributes: optOut,
      }),
    ];
    for (const place of places)
      await inBothOrders(
        async (calls, facts, order) => {
          const root = makeSpan({ traceId: newTrace(), attributes: { 'user.id': 'ada' } });
          const call = makeChatSpan({ ...below(root), parentSpanId: 'feedfeedfeedfeed' });
          const other = makeChatSpan({ traceId: newTrace() });
          await order([() => calls(call, evaluationOf(call), other), () => facts(place(root, call))]);
          return idOf(call);
        },
        async (record, { records }) => {
          expect(record).toBeUndefined();
          expect(await records()).toHaveLength(1);
        },
      );
  });

  test(`${engine}: an evaluation takes user and thread from the record of another server`, async () => {
    await inBothOrders(
      async (calls, facts, order) => {
        const call = makeChatSpan({
          traceId: newTrace(),
          attributes: { 'user.id': 'ada', 'session.id': 's' },
        });
        await order([() => calls(call), () => facts(evaluationOf(call))]);
        return idOf(call);
      },
      async (call, { records }) => {
        const evaluation = (await records()).find(({ kind }) => kind === 'event');
        expect(evaluation).toMatchObject({
          userId: 'ada',
          threadId: 's',
          properties: { record_id: call?.id },
        });
      },
    );
  });

  test(`${engine}: a server that was started anew completes what it stored before`, async () => {
    const gateways = await useGateways();
    const root = makeSpan({ traceId: newTrace(), attributes: { 'user.id': 'ada' } });
    const call = makeChatSpan(below(root));
    await (
      await gateways.to('a')
    )(call);
    await (
      await gateways.to('a, started anew')
    )(root);
    expect((await gateways.store.get([idOf(call)])).get(idOf(call))).toMatchObject({ userId: 'ada' });
    const anew = await gateways.server('a, started anew');
    expect(anew).toBeDefined();
  });

  test(`${engine}: a restart before the outer span of a call leaves one record of it`, async () => {
    const agentAttributes = {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.input.messages': JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: 'Q' }] }]),
      'gen_ai.output.messages': JSON.stringify([
        { role: 'assistant', parts: [{ type: 'text', content: 'A' }] },
      ]),
    };
    const outer = makeChatSpan({ traceId: newTrace(), durationMs: 3000 });
    const between = makeSpan({ ...below(outer), durationMs: 2500 });
    const inner = makeChatSpan({ ...below(between), durationMs: 2000 });
    const frame = makeChatSpan({ traceId: newTrace(), durationMs: 3000 });
    const parts = [1, 2].map(() => makeChatSpan({ ...below(frame), durationMs: 1000 }));
    const agent = makeSpan({ traceId: newTrace(), durationMs: 3000, attributes: agentAttributes });
    const step = makeSpan({ ...below(agent), durationMs: 2500 });
    const call = makeChatSpan({ ...below(step), durationMs: 2000 });
    for (const [spans, expected] of [
      [[inner, between, outer], [outer]],
      [[...parts, frame], parts],
      [[call, step, agent], [call]],
    ] as const) {
      const gateways = await useGateways();
      for (const [index, span] of spans.entries())
        await (
          await gateways.to(index < spans.length - 1 ? 'before' : 'after')
        )(span);
      // Of a repeated request, a span between comes again.
      const again = spans.filter((span) => span === between || span === step);
      await (
        await gateways.to('after')
      )(...again);
      expect((await gateways.records()).map(({ id }) => id).toSorted()).toEqual(
        expected.map(idOf).toSorted(),
      );
      vi.useRealTimers();
    }
  });

  test(`${engine}: with calls on any server and all other spans on one, records are those of a single server`, async () => {
    for (const seed of [1, 2, 3]) {
      const random = seededRandom(seed);
      const others: SpanLike[] = [];
      const calls: SpanLike[] = [];
      for (let trace = 0; trace < 6; trace += 1) {
        const attributes = (): Record<string, unknown> => ({
          ...(random() < 0.3 && { 'user.id': `user-${Math.floor(random() * 3)}` }),
          ...(random() < 0.3 && { 'session.id': `thread-${Math.floor(random() * 3)}` }),
          ...(random() < 0.1 && { 'trubrics.record': random() < 0.5 }),
        });
        const tree = [makeSpan({ traceId: newTrace(), attributes: attributes() })];
        const any = (): SpanLike => tree[Math.floor(random() * tree.length)] as SpanLike;
        for (let i = 0; i < 5; i += 1) tree.push(makeSpan({ ...below(any()), attributes: attributes() }));
        for (let i = 0; i < 4; i += 1) calls.push(makeChatSpan(below(any())));
        others.push(...tree);
      }
      const single = await useServer();
      await fetch(single.tracesUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf' },
        body: new Uint8Array(protobufRequest([...others, ...calls])),
      });
      const facts = (records: readonly StoredRecord[]) =>
        records
          .map(({ id, userId, threadId }) => ({ id, userId, threadId }))
          .sort((a, b) => (a.id < b.id ? -1 : 1));
      const gateways = await useGateways();
      const isCall = new Set(calls);
      for (const [index, span] of shuffled([...others, ...calls], seed).entries())
        // Servers with calls are started anew from time to time.
        await (
          await gateways.to(isCall.has(span) ? `calls ${index % 3} ${index >> 4}` : 'facts')
        )(span);
      await gateways.wait();
      await vi.waitFor(async () => expect(facts(await gateways.records())).toEqual(facts(single.records())), {
        timeout: 15_000,
        interval: 50,
      });
      vi.useRealTimers();
    }
  });
}
