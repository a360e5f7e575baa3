import { expect, onTestFinished, test, vi } from 'vitest';
import type { SpanLike } from '../../../src/reading/model/span-like.js';
import type { RecordStore, RunningServer, StoredRecord } from '../../../src/server/index.js';
import { protobufLogs, protobufRequest, type LogSketch } from '../../support/otlp-encoder.js';
import { seededRandom, shuffled } from '../../support/random-trace.js';
import { makeChatSpan, makeSpan } from '../../support/span.js';
import { useServer } from '../../support/use-server.js';

type Item = SpanLike | LogSketch;

let traces = 0;
const newTrace = (): string => (++traces).toString(16).padStart(32, 'b');
const idOf = (span: SpanLike): string => `${span.spanContext().traceId}-${span.spanContext().spanId}`;
const below = (span: SpanLike) => ({
  traceId: span.spanContext().traceId,
  parentSpanId: span.spanContext().spanId,
});

/** An LLM span without content. */
function emptyChat(fields: Parameters<typeof makeSpan>[0]): SpanLike {
  const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o' };
  return makeSpan({
    name: 'chat gpt-4o',
    ...fields,
    attributes: { ...attributes, ...fields?.attributes },
  });
}

/** Question and answer of a call, as log records of their own. */
function contentOf(span: SpanLike, text = 'it'): readonly [LogSketch, LogSketch] {
  const { traceId, spanId } = span.spanContext();
  const message = { role: 'assistant', content: `Because of ${text}.` };
  return [
    { traceId, spanId, timeMs: 2, eventName: 'gen_ai.user.message', body: { content: `Why ${text}?` } },
    { traceId, spanId, timeMs: 3, eventName: 'gen_ai.choice', body: { index: 0, message } },
  ];
}

async function sendTo({ url }: RunningServer, items: readonly Item[]): Promise<number> {
  const spans = items.filter((item): item is SpanLike => 'spanContext' in item);
  const logs = items.filter((item): item is LogSketch => !('spanContext' in item));
  const requests = [
    ...(spans.length > 0 ? [['traces', protobufRequest(spans)] as const] : []),
    ...(logs.length > 0 ? [['logs', protobufLogs(logs)] as const] : []),
  ];
  const statuses = await Promise.all(
    requests.map(async ([path, body]) => {
      const headers = { 'content-type': 'application/x-protobuf' };
      return (await fetch(`${url}/v1/${path}`, { method: 'POST', headers, body: new Uint8Array(body) }))
        .status;
    }),
  );
  return Math.max(...statuses);
}

const shown = (records: readonly StoredRecord[]) =>
  records
    .map(({ seq: _seq, receivedAt: _at, ...record }) => record)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));

/** Several servers over one store, in one process. */
async function useServers(open: () => Promise<() => Promise<RecordStore>>) {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'], now: Date.now() });
  onTestFinished(() => void vi.useRealTimers());
  const openStore = await open();
  const store = await openStore();
  const servers = new Map<string, RunningServer>();
  return {
    store,
    /** Sends to a server: to a new one without a name of before. */
    async to(name: string, ...items: readonly Item[]): Promise<number> {
      const server = servers.get(name) ?? (await useServer({ store: await openStore() }));
      servers.set(name, server);
      return sendTo(server, items);
    },
    async get(span: SpanLike): Promise<StoredRecord | undefined> {
      return (await store.get([idOf(span)])).get(idOf(span));
    },
    records: async () => shown((await store.list({}, { limit: 1000 })).records),
    /** Lets time pass until every server has looked at the store again. */
    wait: () => vi.advanceTimersByTimeAsync(6_000),
  };
}

export interface LateContentSizes {
  readonly settleMs?: number;
  /** Of the random test. */
  readonly seeds?: readonly number[];
  readonly traces?: number;
}

/**
 * Content in log records, over what is stored: spans come to one server, their log records to another. `open` opens the same store each time.
 * Of the servers' time, seconds pass at once: `settleMs` is the real time in which the engine answers what they ask then.
 */
export function checkLateContent(
  engine: string,
  open: () => Promise<() => Promise<RecordStore>>,
  { settleMs = 50, seeds = [1, 2], traces: count = 6 }: LateContentSizes = {},
): void {
  const ASKED = {
    kind: 'prompt',
    userId: 'ada',
    threadId: 's',
    prompt: 'Why it?',
    generation: 'Because of it.',
  };

  test(`${engine}: of a span and its log records on two servers, the later one makes the record before it answers`, async () => {
    for (const isLogFirst of [true, false]) {
      const servers = await useServers(open);
      const root = makeSpan({ traceId: newTrace(), attributes: { 'user.id': 'ada', 'session.id': 's' } });
      const call = emptyChat(below(root));
      const steps = [() => servers.to('b', ...contentOf(call)), () => servers.to('a', root, call)];
      // Otherwise a server that has never seen a log record keeps its spans to itself.
      await servers.to('b', ...contentOf(emptyChat({ traceId: newTrace() })));
      for (const step of isLogFirst ? steps : steps.toReversed()) expect(await step()).toBe(200);
      expect(await servers.get(call)).toMatchObject(ASKED);
      vi.useRealTimers();
    }
  });

  test(`${engine}: a span that came before any log record of the project is completed when its server looks again`, async () => {
    const servers = await useServers(open);
    const call = emptyChat({ traceId: newTrace(), attributes: { 'user.id': 'ada', 'session.id': 's' } });
    await servers.to('a', call);
    await servers.to('b', ...contentOf(call));
    expect(await servers.get(call)).toBeUndefined();
    await servers.wait();
    await vi.waitFor(async () => expect(await servers.get(call)).toMatchObject(ASKED), 15_000);
  });

  test(`${engine}: question and answer on two servers, the span and its user on two others, make one record`, async () => {
    for (const seed of seeds) {
      const servers = await useServers(open);
      await servers.to('b', ...contentOf(emptyChat({ traceId: newTrace() })));
      const root = makeSpan({ traceId: newTrace(), attributes: { 'user.id': 'ada', 'session.id': 's' } });
      const call = emptyChat(below(root));
      const [question, answer] = contentOf(call);
      const steps = [
        ['a', call],
        ['b', question],
        ['c', answer],
        ['d', root],
      ] as const;
      for (const [server, item] of shuffled([...steps], seed)) await servers.to(server, item);
      await servers.wait();
      await vi.waitFor(async () => expect(await servers.get(call)).toMatchObject(ASKED), 15_000);
      vi.useRealTimers();
    }
  });

  test(`${engine}: nothing of a call that opted out is recorded, wherever that was said`, async () => {
    const optOut = { 'trubrics.record': false };
    const servers = await useServers(open);
    await servers.to('b', ...contentOf(emptyChat({ traceId: newTrace() })));
    const bySpan = emptyChat({ traceId: newTrace(), attributes: optOut });
    const byRoot = emptyChat({ traceId: newTrace(), parentSpanId: 'feedfeedfeedfeed' });
    const root = makeSpan({ ...byRoot.spanContext(), spanId: 'feedfeedfeedfeed', attributes: optOut });
    const byLog = emptyChat({ traceId: newTrace() });
    const [question, answer] = contentOf(byLog);
    await servers.to('a', bySpan, byRoot, byLog);
    await servers.to('b', ...contentOf(bySpan), ...contentOf(byRoot), question);
    await servers.to('c', { ...answer, attributes: optOut });
    await servers.to('a', root);
    await servers.wait();
    await vi.waitFor(async () => expect(await servers.records()).toEqual([]), 15_000);
  });

  test(`${engine}: of calls that opted out, no texts wait any longer, wherever that was said`, async () => {
    const optOut = { 'trubrics.record': false };
    const servers = await useServers(open);
    const root = makeSpan({ traceId: newTrace(), attributes: optOut });
    const outer = emptyChat({ ...below(root), durationMs: 2_000 });
    const inner = emptyChat(below(outer));
    const bySpan = emptyChat({ traceId: newTrace() });
    const byLog = emptyChat({ traceId: newTrace() });
    const kept = emptyChat({ traceId: newTrace(), attributes: { 'user.id': 'ada', 'session.id': 's' } });
    const calls = [outer, inner, bySpan, byLog, kept];
    const [question, answer] = contentOf(byLog);
    await servers.to('b', ...[outer, inner, bySpan, kept].flatMap((call) => contentOf(call)), question);
    await servers.to('a', outer, inner, { ...bySpan, attributes: { ...bySpan.attributes, ...optOut } });
    // Knows nothing but that, and finds the record of the calls by its trace.
    await servers.to('c', root);
    await servers.to('d', { ...answer, attributes: optOut });
    await servers.to('e', byLog, kept);
    const look = async () => {
      await servers.wait();
      const waiting = await servers.store.pending?.find(calls.map((call) => idOf(call)));
      const texts = waiting?.filter(
        ({ kind, value }) => kind === 'span' || !value.includes('"trubrics.record":false'),
      );
      expect(new Set(texts?.map(({ id }) => calls.findIndex((call) => idOf(call) === id)))).toEqual(
        new Set([calls.indexOf(kept)]),
      );
    };
    await vi.waitFor(look, { timeout: 20_000, interval: settleMs });
    expect((await servers.records()).map(({ id }) => id)).toEqual([idOf(kept)]);
  });

  test(`${engine}: while the store refuses parts, senders are told to send again, and nothing is lost`, async () => {
    const servers = await useServers(open);
    const call = emptyChat({ traceId: newTrace(), attributes: { 'user.id': 'ada', 'session.id': 's' } });
    await servers.to('b', ...contentOf(emptyChat({ traceId: newTrace() })));
    const { pending } = servers.store;
    if (!pending) throw new Error('no pending parts');
    const down = vi
      .spyOn(Object.getPrototypeOf(pending) as typeof pending, 'put')
      .mockRejectedValue(new Error('down'));
    expect(await servers.to('a', call)).toBe(503);
    expect(await servers.to('b', ...contentOf(call))).toBe(503);
    down.mockRestore();
    expect(await servers.to('b', ...contentOf(call))).toBe(200);
    expect(await servers.to('a, started anew', call)).toBe(200);
    expect(await servers.get(call)).toMatchObject(ASKED);
  });

  test(`${engine}: spans of applications that record no content do not wait`, async () => {
    const servers = await useServers(open);
    const call = emptyChat({ traceId: newTrace() });
    await servers.to('a', call);
    expect(await servers.store.pending?.find([idOf(call)])).toEqual([]);
  });

  test(`${engine}: what waits of the trace of an erased record is deleted, and the record stays dead`, async () => {
    const servers = await useServers(open);
    const call = emptyChat({ traceId: newTrace() });
    const inner = emptyChat(below(call));
    const other = emptyChat({ traceId: newTrace() });
    await servers.to('b', ...contentOf(call), ...contentOf(inner), ...contentOf(other));
    await servers.to('a', call);
    await servers.store.erase({ ids: ['by hand'], keys: [] });
    expect(await servers.store.pending?.find([idOf(inner)])).toHaveLength(2);
    await servers.store.erase({ ids: [idOf(call)], keys: [`record:${idOf(call)}`] });
    expect(await servers.store.pending?.find([idOf(call), idOf(inner)])).toEqual([]);
    expect(await servers.store.pending?.find([idOf(other)])).toHaveLength(2);
    const late = emptyChat({ traceId: newTrace() });
    await servers.to('b', ...contentOf(late));
    const [question, answer] = (await servers.store.pending?.find([idOf(late)])) ?? [];
    const [ofOther] = (await servers.store.pending?.find([idOf(other)])) ?? [];
    if (!question || !answer || !ofOther) throw new Error('parts do not wait');
    // One that never waited has the key of one that does.
    await servers.store.pending?.forget([question, { ...question, id: 'none' }, { ...ofOther, key: 'none' }]);
    expect(await servers.store.pending?.find([idOf(late)])).toEqual([answer]);
    expect(await servers.store.pending?.find([idOf(other)])).toHaveLength(2);
    await servers.store.remove({});
    expect(await servers.store.pending?.find([idOf(other)])).toEqual([]);
    expect(await servers.store.pending?.hasLogs()).toBe(false);
  });

  test(`${engine}: with log records on any server, and servers that end, records are those of a single server`, async () => {
    for (const seed of seeds) {
      const random = seededRandom(seed);
      const made = Array.from({ length: count }, () => randomTrace(random));
      const single = await useServer();
      await sendTo(
        single,
        made.flatMap(({ calls, others }) => [...others, ...calls]),
      );
      await sendTo(
        single,
        made.flatMap(({ logs }) => logs),
      );
      const expected = shown(single.records());
      expect(expected.length).toBeGreaterThan(count);

      const servers = await useServers(open);
      await servers.to('facts', ...contentOf(emptyChat({ traceId: newTrace() })));
      // All spans of a trace come to one server; those without calls to one that lives.
      const items = made.flatMap(({ calls, others, logs }, at) => [
        ...calls.map((item) => [`calls ${at % 2}`, item] as const),
        ...logs.map((item) => [`logs ${Math.floor(random() * 3)}`, item] as const),
        ...others.map((item) => ['facts', item] as const),
      ]);
      let generation = 0;
      const requests = shuffled(items, seed);
      for (const [index, [name, item]] of requests.entries()) {
        if (random() < 0.1) generation += 1;
        const server = name === 'facts' ? name : `${name} ${generation}`;
        expect(await servers.to(server, item)).toBe(200);
        // A Collector that was not answered in time sends again, to a server of now.
        const repeated = random() < 0.2 ? requests[Math.floor(random() * index)] : undefined;
        if (repeated)
          await servers.to(repeated[0] === 'facts' ? 'facts' : `${repeated[0]} ${generation}`, repeated[1]);
      }
      const look = async () => {
        await servers.wait();
        expect(await servers.records()).toEqual(expected);
      };
      await vi.waitFor(look, { timeout: 60_000, interval: settleMs });
      vi.useRealTimers();
    }
  });
}

/** A tree of steps with calls, of which some have their content in log records. */
function randomTrace(random: () => number) {
  const identity = (): Record<string, unknown> => ({
    ...(random() < 0.3 && { 'user.id': `user-${Math.floor(random() * 3)}` }),
    ...(random() < 0.3 && { 'session.id': `thread-${Math.floor(random() * 3)}` }),
  });
  const others = [makeSpan({ traceId: newTrace(), durationMs: 9000, attributes: identity() })];
  const any = (): SpanLike => others[Math.floor(random() * others.length)] as SpanLike;
  for (let at = 0; at < 3; at++)
    others.push(makeSpan({ ...below(any()), durationMs: 8000, attributes: identity() }));
  const calls: SpanLike[] = [];
  const logs: LogSketch[] = [];
  for (let at = 0; at < 4; at++) {
    const [isEmpty, hasLogs] = [random() < 0.75, random() < 0.8];
    const text = `${others[0]?.spanContext().traceId.slice(-4) ?? ''} ${at}`;
    const call = isEmpty
      ? emptyChat({ ...below(any()), durationMs: 100 + at })
      : makeChatSpan({ ...below(any()), prompt: text });
    calls.push(call);
    if (isEmpty && hasLogs) logs.push(...contentOf(call, text));
  }
  return { others, calls, logs };
}
