import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { PendingPart, PendingParts } from '../../../../../src/server/engines/pending-parts.js';
import type { FoundCalls } from '../../../../../src/server/ingest/otlp/joining/found-calls.js';
import { TraceBuffer } from '../../../../../src/server/ingest/otlp/joining/trace-buffer.js';
import { LateContent } from '../../../../../src/server/ingest/otlp/late/late-content.js';
import type { SpanLike } from '../../../../../src/reading/model/span-like.js';
import { toNewRecord } from '../../../../../src/server/ingest/otlp/to-new-record.js';
import { makeChatSpan, makeSpan } from '../../../../support/span.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

/** Parts of all servers, and what was asked of them. */
function pendingParts() {
  const parts: PendingPart[] = [];
  const asked: (readonly string[])[] = [];
  const hasLogs = vi.fn<PendingParts['hasLogs']>(() =>
    Promise.resolve(parts.some(({ kind }) => kind === 'log')),
  );
  const pending: PendingParts = {
    put: (added) => Promise.resolve(void parts.push(...added)),
    find: (ids) => {
      asked.push(ids);
      return Promise.resolve(parts.filter(({ id }) => ids.includes(id)));
    },
    hasLogs,
    forget: (forgotten) => {
      const isForgotten = ({ id, key }: PendingPart) =>
        forgotten.some((part) => part.id === id && part.key === key);
      const kept = parts.filter((part) => !isForgotten(part));
      parts.splice(0, parts.length, ...kept);
      return Promise.resolve();
    },
  };
  return { parts, asked, pending, hasLogs };
}

function server(pending: PendingParts | undefined) {
  const traces = new TraceBuffer(Date.now);
  const answers: string[] = [];
  const record = vi.fn<
    (found: FoundCalls) => Promise<{ records: number; withoutContent: number; withoutTarget: number }>
  >((found) => {
    const made = found.calls.flatMap((call) => toNewRecord(call, '2026-11-29T00:00:00Z') ?? []);
    answers.push(...made.map((one) => (one.kind === 'prompt' ? `${one.prompt} ${one.generation}` : 'event')));
    found.onStored();
    return Promise.resolve({ records: made.length, withoutContent: 0, withoutTarget: 0 });
  });
  const content = new LateContent({ pending, traces, recorder: { record } });
  onTestFinished(() => content.close());
  return {
    content,
    traces,
    record,
    answers,
    spans: (...spans: readonly SpanLike[]) => content.take(traces.add(spans)),
    logs: (span: SpanLike, ...names: readonly string[]) =>
      content.take(
        traces.add(
          [],
          names.map((name) => ({ span: span.spanContext(), event: EVENTS[name] ?? { name } })),
        ),
      ),
  };
}

const ANSWER = {
  name: 'gen_ai.choice',
  attributes: { 'gen_ai.event.content': { index: 0, message: { role: 'assistant', content: 'So.' } } },
};
const EVENTS: Readonly<Record<string, { name: string; attributes: Record<string, unknown> }>> = {
  question: { name: 'gen_ai.user.message', attributes: { 'gen_ai.event.content': { content: 'Why?' } } },
  answer: ANSWER,
  'opt-out': { name: 'gen_ai.choice', attributes: { 'trubrics.record': false } },
};
const chat = (fields: Parameters<typeof makeSpan>[0] = {}): SpanLike =>
  makeSpan({
    traceId: TRACE,
    ...fields,
    attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm', ...fields.attributes },
  });
const idOf = (span: SpanLike): string => `${TRACE}-${span.spanContext().spanId}`;
/** Parts that are no opt-out. */
const texts = (parts: readonly PendingPart[]): readonly PendingPart[] =>
  parts.filter(({ kind, value }) => kind === 'span' || !value.includes('"trubrics.record":false'));
const kinds = (parts: readonly PendingPart[]): readonly string[] => parts.map(({ kind }) => kind);

test('an engine that keeps no parts is asked nothing, and leaves no timer', async () => {
  const alone = server(undefined);
  expect([await alone.spans(chat()), await alone.logs(chat(), 'question'), vi.getTimerCount()]).toEqual([
    0, 0, 0,
  ]);
});

test('a request in which nothing is missing asks nothing', async () => {
  const { pending, asked, parts } = pendingParts();
  const one = server(pending);
  const call = chat();
  await one.logs(call, 'question', 'answer');
  asked.splice(0);
  await one.spans(call, makeSpan({ traceId: TRACE }));
  expect([asked, kinds(parts), vi.getTimerCount()]).toEqual([[], ['log', 'log'], 1]);
});

test('whichever comes second joins at once, and the number of records is told', async () => {
  for (const isSpanFirst of [true, false]) {
    const { pending } = pendingParts();
    const [a, b] = [server(pending), server(pending)];
    await server(pending).logs(chat(), 'question');
    const call = chat();
    const steps = [() => a.spans(call), () => b.logs(call, 'question', 'answer')];
    const counts: number[] = [];
    for (const step of isSpanFirst ? steps : steps.toReversed()) counts.push(await step());
    expect(counts).toEqual([0, 1]);
    const later = isSpanFirst ? b : a;
    expect([later.answers, later.content.joined]).toEqual([['Why? So.'], 1]);
  }
});

test('a part is put once, and again when more is known of what is above it', async () => {
  const { pending, parts } = pendingParts();
  const [a, b] = [server(pending), server(pending)];
  await b.logs(chat(), 'question');
  const root = makeSpan({ traceId: TRACE, attributes: { 'user.id': 'ada' } });
  const call = chat({ parentSpanId: root.spanContext().spanId });
  for (const span of [call, call, root, root, call]) await a.spans(span);
  expect(kinds(parts)).toEqual(['log', 'span', 'span']);
  expect(parts.at(-1)?.value).toContain('ada');
});

test('without log records of anybody, spans are not put, the store is asked every five seconds, and they are joined later', async () => {
  const { pending, parts, asked, hasLogs } = pendingParts();
  const [a, b] = [server(pending), server(pending)];
  const call = chat();
  await a.spans(call);
  await vi.advanceTimersByTimeAsync(4_000);
  await a.spans(call);
  expect([parts, asked, hasLogs.mock.calls.length]).toEqual([[], [], 1]);
  await b.logs(call, 'question', 'answer');
  expect([a.content.hasLogs, b.content.hasLogs, b.answers]).toEqual([false, true, []]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect([a.answers, a.content.hasLogs]).toEqual([['Why? So.'], true]);
});

test('that log records come is believed for a minute, and seen anew with each of them', async () => {
  const { pending, parts, hasLogs } = pendingParts();
  const a = server(pending);
  await a.logs(chat(), 'question');
  parts.splice(0);
  await vi.advanceTimersByTimeAsync(59_999);
  await a.spans(chat());
  expect([kinds(parts), hasLogs.mock.calls.length]).toEqual([['span'], 0]);
  await vi.advanceTimersByTimeAsync(1);
  await a.spans(chat());
  expect([kinds(parts), hasLogs.mock.calls.length]).toEqual([['span'], 1]);
  hasLogs.mockResolvedValue(true);
  await vi.advanceTimersByTimeAsync(5_000);
  await a.spans(chat());
  const asked = hasLogs.mock.calls.length;
  await vi.advanceTimersByTimeAsync(55_000);
  await a.spans(chat());
  expect(kinds(parts)).toEqual(['span', 'span', 'span']);
  expect(hasLogs.mock.calls.length).toBe(asked);
});

test('question and answer on two servers are joined by the third part, in any round', async () => {
  const { pending } = pendingParts();
  const [a, b, c] = [server(pending), server(pending), server(pending)];
  const call = chat();
  await b.logs(call, 'question');
  expect(await a.spans(call)).toBe(1);
  // Finds the span, and by it the question.
  expect(await c.logs(call, 'answer')).toBeGreaterThan(0);
  expect([a.answers, c.answers.at(-1)]).toEqual([['Why? '], 'Why? So.']);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(a.answers.at(-1)).toBe('Why? So.');
});

test('the span of an inner call leads to the log records of the outer one', async () => {
  const { pending } = pendingParts();
  const [a, b, c] = [server(pending), server(pending), server(pending)];
  const outer = chat({ durationMs: 2_000 });
  const inner = chat({ parentSpanId: outer.spanContext().spanId });
  await b.logs(outer, 'question');
  await a.spans(inner, outer);
  await c.logs(inner, 'answer');
  expect(c.answers.at(-1)).toBe('Why? So.');
});

test('what two servers write is stored again by later looks, and by requests about it', async () => {
  const { pending, asked } = pendingParts();
  const [a, b] = [server(pending), server(pending)];
  const call = chat({ parentSpanId: 'feedfeedfeedfeed' });
  await b.logs(call, 'question', 'answer');
  await a.spans(call);
  const before = a.record.mock.calls.length;
  await vi.advanceTimersByTimeAsync(6_000);
  expect(a.record.mock.calls.length).toBe(before + 1);
  expect(a.record.mock.lastCall?.[0].factTraces).toEqual(new Set([TRACE]));
  asked.splice(0);
  await a.spans(makeSpan({ traceId: TRACE, spanId: 'feedfeedfeedfeed', attributes: { 'user.id': 'ada' } }));
  expect(asked).toEqual([[idOf(call)]]);
  // Looks after 5, 30, 180 and 900 seconds, and no further ones.
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(vi.getTimerCount()).toBe(0);
});

test('a refused part is put again with the repeated request, and a refused record with the next look', async () => {
  const { pending, parts } = pendingParts();
  const [a, b] = [server(pending), server(pending)];
  await b.logs(chat(), 'question');
  const call = chat();
  const put = vi.spyOn(pending, 'put').mockRejectedValueOnce(new Error('down'));
  await expect(a.spans(call)).rejects.toThrow('down');
  put.mockRestore();
  await a.spans(call);
  expect(kinds(parts)).toEqual(['log', 'span']);
  await b.logs(call, 'question', 'answer');
  a.record.mockRejectedValueOnce(new Error('down'));
  await vi.advanceTimersByTimeAsync(5_000);
  expect(a.answers).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(a.answers).toEqual(['Why? So.']);
});

test('many ids are looked up a thousand at a time', async () => {
  const { pending, asked } = pendingParts();
  const [a, b] = [server(pending), server(pending)];
  await b.logs(chat(), 'question');
  asked.splice(0);
  await a.spans(...Array.from({ length: 1_001 }, () => chat()));
  expect(asked.map(({ length }) => length)).toEqual([1000, 1]);
  asked.splice(0);
  await b.content.close();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(asked.map(({ length }) => length)).toEqual([1000, 1]);
});

test('the texts of spans that are opted out, or are not missing, are never put', async () => {
  const { pending, parts } = pendingParts();
  const [a, b] = [server(pending), server(pending)];
  await b.logs(chat(), 'question');
  const off = { 'trubrics.record': false };
  const agent = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'planner' };
  const { attributes: messages } = makeChatSpan({ prompt: 'secret question', answer: 'secret answer' });
  const { 'gen_ai.input.messages': question } = messages;
  const below = (span: SpanLike): Parameters<typeof makeSpan>[0] => ({
    traceId: TRACE,
    parentSpanId: span.spanContext().spanId,
  });
  const outer = chat({ durationMs: 2_000 });
  const silent = makeSpan({ traceId: TRACE, attributes: agent });
  await a.spans(
    makeSpan({ ...below(outer), attributes: { ...messages, ...off } }),
    outer,
    makeSpan({ ...below(silent), attributes: { ...messages, ...agent, ...off } }),
    makeSpan({ ...below(silent), attributes: { ...agent, ...off, 'gen_ai.input.messages': question } }),
    silent,
  );
  const put = parts.filter(({ kind }) => kind === 'span');
  expect(put.map(({ id }) => id).toSorted()).toEqual([idOf(outer), idOf(silent)].toSorted());
  expect(put.map(({ value }) => value).join('')).not.toContain('secret');
});

const OFF = { 'trubrics.record': false };
const ON = { 'trubrics.record': true };
const under = (span: SpanLike) => ({ parentSpanId: span.spanContext().spanId });

test('an opt-out deletes the texts that wait of its span and of those below it, whichever comes first', async () => {
  for (const isOptOutFirst of [true, false]) {
    const { pending, parts } = pendingParts();
    const [a, b] = [server(pending), server(pending)];
    const root = makeSpan({ traceId: TRACE, attributes: OFF });
    const tool = makeSpan({
      ...under(root),
      traceId: TRACE,
      attributes: { 'gen_ai.operation.name': 'execute_tool' },
    });
    const [outer, inner, kept] = [
      chat(under(root)),
      chat(under(tool)),
      chat({ ...under(root), attributes: ON }),
    ];
    const steps = [
      () => a.spans(kept, inner, tool, outer, root),
      async () => {
        for (const span of [root, tool, outer, inner, kept]) await b.logs(span, 'question', 'answer');
      },
    ];
    for (const step of isOptOutFirst ? steps : steps.toReversed()) await step();
    // The server with the opt-out looks again for what came later.
    if (isOptOutFirst) await vi.advanceTimersByTimeAsync(5_000);
    expect(new Set(texts(parts).map(({ id }) => id))).toEqual(new Set([idOf(kept)]));
    expect([...a.answers, ...b.answers]).toContain('Why? So.');
  }
});

test('a call that waits is forgotten once a span above it opts out, also if that one is known to another server alone', async () => {
  const { pending, parts } = pendingParts();
  const [a, b, c] = [server(pending), server(pending), server(pending)];
  const root = makeSpan({ traceId: TRACE, attributes: OFF });
  const call = chat(under(root));
  await b.logs(chat(), 'question');
  const before = [...parts];
  await a.spans(call);
  await c.spans(root);
  expect(parts).toHaveLength(2);
  // Finds the span of the call, and knows what is above it.
  await c.logs(call, 'question', 'answer');
  expect([texts(parts), c.answers]).toEqual([before, []]);
  // An opt-out waits in place of the texts: they are deleted as well if they come again.
  await b.logs(call, 'question', 'answer');
  await a.spans(root);
  expect([texts(parts), parts.length]).toEqual([before, 2]);
});

test('an opt-out in a log record deletes texts of before and after it, and goes on waiting', async () => {
  const { pending, parts } = pendingParts();
  const [a, b, c] = [server(pending), server(pending), server(pending)];
  const call = chat();
  await b.logs(call, 'question');
  await c.logs(call, 'opt-out');
  await b.logs(call, 'answer');
  expect(parts.map(({ value }) => JSON.parse(value))).toMatchObject([{ attributes: OFF }]);
  await a.spans(call);
  expect([a.answers, kinds(parts)]).toEqual([[], ['log']]);
});

test('texts that wait for longer than log records are counted are deleted as well', async () => {
  const { pending, parts, hasLogs } = pendingParts();
  const [a, b] = [server(pending), server(pending)];
  const call = chat({ attributes: OFF });
  await b.logs(call, 'question');
  hasLogs.mockResolvedValue(false);
  await a.spans(call);
  expect([texts(parts), parts.length]).toEqual([[], 1]);
  expect(a.record).not.toHaveBeenCalled();
});

test('of spans below an opt-out, those of other libraries are not looked up, unless they say it themselves', async () => {
  const { pending, asked } = pendingParts();
  const a = server(pending);
  const root = makeSpan({ traceId: TRACE, attributes: OFF });
  const call = chat(under(root));
  await a.spans(root, call, makeSpan({ traceId: TRACE, name: 'GET /', ...under(call) }));
  expect(asked).toEqual([[idOf(root), idOf(call)]]);
});

test('an opt-out that comes with the span of another call deletes the texts of what is below it', async () => {
  const { pending, parts } = pendingParts();
  const [a, c] = [server(pending), server(pending)];
  const root = makeSpan({ traceId: TRACE, attributes: OFF });
  const [kept, call] = [chat({ ...under(root), attributes: ON }), chat(under(root))];
  await c.logs(call, 'question', 'answer');
  await c.spans(call);
  await a.spans(kept, root);
  await c.logs(kept, 'question');
  expect(texts(parts).map(({ id }) => id)).toEqual([idOf(kept), idOf(kept)]);
});

test('a record that is removed leaves an opt-out, by which servers with calls below it delete theirs', async () => {
  const { pending, parts } = pendingParts();
  const [a, b, c] = [server(pending), server(pending), server(pending)];
  await b.logs(chat(), 'question');
  const outer = chat({ durationMs: 2_000, parentSpanId: 'feedfeedfeedfeed' });
  const inner = chat(under(outer));
  await a.spans(inner, outer);
  await b.logs(outer, 'question', 'answer');
  await b.logs(inner, 'question');
  await c.content.withdraw([idOf(outer), 'of nothing that waits']);
  expect(parts.filter(({ id }) => id === idOf(outer))).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(texts(parts).filter(({ id }) => id === idOf(inner))).toEqual([]);
  expect(parts.filter(({ id }) => id === idOf(outer)).map(({ value }) => JSON.parse(value))).toMatchObject([
    { attributes: OFF },
  ]);
  expect(kinds(texts(parts))).toEqual(['log']);
  expect(a.traces.isOptedOut(idOf(inner))).toBe(true);
  await server(undefined).content.withdraw([idOf(outer)]);
});

test('a server that has joined what opts out elsewhere removes its record, and does not store it again', async () => {
  const { pending } = pendingParts();
  const [a, b] = [server(pending), server(pending)];
  const root = makeSpan({ traceId: TRACE, attributes: OFF });
  const call = chat(under(root));
  await b.logs(chat(), 'question');
  await a.spans(call);
  await b.logs(call, 'question', 'answer');
  expect(b.answers).toEqual(['Why? So.']);
  await a.spans(root);
  await vi.advanceTimersByTimeAsync(1_200_000);
  expect(b.answers).toEqual(['Why? So.']);
  expect(b.record.mock.calls.flatMap(([{ superseded }]) => superseded)).toContain(idOf(call));
});

test('an opt-out of the resource deletes nothing before it is known that no span above says otherwise', async () => {
  const resource = { attributes: OFF };
  const found = async (attributes: Readonly<Record<string, unknown>>, own = {}): Promise<number[]> => {
    const { pending, parts } = pendingParts();
    const [a, b] = [server(pending), server(pending)];
    const root = { ...makeSpan({ traceId: TRACE, attributes }), resource };
    const call = { ...chat({ ...under(root), attributes: own }), resource };
    await b.logs(call, 'question', 'answer');
    await a.spans(call);
    const waiting = texts(parts).length;
    await a.spans(root);
    expect(a.answers).toEqual(attributes['trubrics.record'] === true ? ['Why? So.'] : []);
    return [waiting, texts(parts).filter(({ kind }) => kind === 'log').length];
  };
  expect([await found(ON), await found({}), await found({}, OFF)]).toEqual([
    [2, 2],
    [2, 0],
    [0, 0],
  ]);
});

test('a whole span takes the place of one that lacks texts, in any order, and is never replaced by it', async () => {
  const tools = JSON.stringify([{ name: 'search', description: 'x'.repeat(2_000) }]);
  for (const first of ['cut', 'whole', 'both']) {
    const { pending, parts } = pendingParts();
    const [a, b, c] = [server(pending), server(pending), server(pending)];
    const outer = chat({ durationMs: 2_000, attributes: { 'gen_ai.tool.definitions': tools } });
    const agent = makeSpan({
      traceId: TRACE,
      ...under(outer),
      attributes: { 'gen_ai.operation.name': 'execute_tool' },
    });
    const inner = chat(under(agent));
    await b.logs(chat(), 'question');
    await a.spans(outer);
    await a.spans(agent, inner);
    const answers = [inner, outer].map((call) => ({ span: call.spanContext(), event: ANSWER }));
    if (first === 'both') await c.content.take(c.traces.add([], answers));
    else for (const call of first === 'cut' ? [inner, outer] : [outer, inner]) await c.logs(call, 'answer');
    expect(c.traces.sentWith(idOf(outer))[0]?.attributes).toMatchObject({ 'gen_ai.tool.definitions': tools });
    expect(c.record).toHaveBeenCalledTimes(first === 'both' ? 1 : 2);
    const again = parts.length;
    await c.spans(chat(under(agent)));
    expect(parts.slice(again)).toMatchObject([{ value: expect.stringContaining('"isCut":true') }]);
  }
});

test('a span that lacks texts is not put as if it were whole', async () => {
  const { pending, parts } = pendingParts();
  const [a, b] = [server(pending), server(pending)];
  const outer = chat({ durationMs: 2_000, events: [{ name: 'exception' }] });
  const tool = makeSpan({
    traceId: TRACE,
    ...under(outer),
    attributes: { 'gen_ai.operation.name': 'execute_tool' },
  });
  const inner = chat(under(tool));
  await b.logs(inner, 'question', 'answer');
  a.traces.add([tool, outer]);
  await a.spans(inner);
  const put = parts.length;
  b.record.mockClear();
  await b.logs(inner, 'question', 'answer');
  await b.logs(inner, 'question');
  expect(b.record).toHaveBeenCalledOnce();
  await b.content.take(b.traces.addShared([], [], [idOf(outer)]));
  expect(parts.slice(put).filter(({ kind }) => kind === 'span')).toEqual([]);
  expect([b.traces.knows(idOf(outer)), b.traces.knowsWhole(idOf(outer)), b.traces.knowsWhole('-')]).toEqual([
    true,
    false,
    false,
  ]);
});

test('closing waits for a look that is running, and nothing is looked at afterwards', async () => {
  const { pending, asked } = pendingParts();
  const [a, b] = [server(pending), server(pending)];
  await b.logs(chat(), 'question');
  await a.spans(chat());
  asked.splice(0);
  let answer: (found: readonly PendingPart[]) => void = () => undefined;
  vi.spyOn(pending, 'find').mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
  await b.content.close();
  await vi.advanceTimersByTimeAsync(5_000);
  let isClosed = false;
  const closed = a.content.close().then(() => (isClosed = true));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(isClosed).toBe(false);
  answer([]);
  await closed;
  await a.spans(chat());
  expect([asked.length, vi.getTimerCount()]).toEqual([1, 0]);
});

test('a record that the store refused at the last look is stored by a further one', async () => {
  const { pending, parts } = pendingParts();
  const [a, b] = [server(pending), server(pending)];
  await b.logs(chat(), 'question');
  const call = chat();
  await a.spans(call);
  await vi.advanceTimersByTimeAsync(1_000_000);
  await server(pending).logs(call, 'question', 'answer');
  a.record.mockRejectedValue(new Error('down'));
  await vi.advanceTimersByTimeAsync(120_000);
  expect([a.answers, parts.length]).toEqual([[], 4]);
  a.record.mockReset();
  a.record.mockResolvedValue({ records: 1, withoutContent: 0, withoutTarget: 0 });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(a.record.mock.calls[0]?.[0].calls).toMatchObject([{ call: { spanId: call.spanContext().spanId } }]);
});
