// The real OTLP exporters of one major of the SDK against the server of this package.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { OTLPLogExporter as JsonLogs } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufLogs } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPTraceExporter as JsonTraces } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraces } from '@opentelemetry/exporter-trace-otlp-proto';
import { startServer } from 'opentelemetry-exporter-trubrics/server';
import { collectLogs, collectSpans } from './support/sdk.mjs';
import { chunks, shuffled } from './support/shuffled.mjs';

const PROTOCOLS = { json: [JsonTraces, JsonLogs], protobuf: [ProtobufTraces, ProtobufLogs] };
/** Longer than the ten seconds of the SDK, for a busy machine. */
const timeoutMillis = 120_000;
const message = (role, content) => JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);

/** Makes a trace as an application does: a request with a user, agents, tools, and calls that two libraries traced. */
function makeSpans(count) {
  return collectSpans((tracerOf) => {
    const [app, framework, provider] = ['app', 'framework', 'provider'].map((name) => tracerOf(name));
    const root = app.startSpan('POST /chat', { attributes: { 'user.id': 'ada', 'session.id': 'thread-1' } });
    const below = (span) => trace.setSpan(ROOT_CONTEXT, span);
    for (let at = 1; at < count;) {
      const agent = framework.startSpan(
        'agent',
        { attributes: { 'gen_ai.operation.name': 'invoke_agent' } },
        below(root),
      );
      at += 1;
      for (let call = 0; call < 3 && at < count; call++) {
        const attributes = {
          'gen_ai.operation.name': 'chat',
          'gen_ai.request.model': 'gpt-4o',
          'gen_ai.usage.input_tokens': at,
          'gen_ai.input.messages': message('user', `Question ${at}?`),
          'gen_ai.output.messages': message('assistant', `Answer ${at}: Größe, 😀.`),
        };
        const outer = framework.startSpan('chat', { attributes }, below(agent));
        at += 1;
        if (at < count) {
          provider.startSpan('chat gpt-4o', { attributes }, below(outer)).end();
          at += 1;
        }
        outer.end();
        if (at < count) {
          app.startSpan('GET /weather', { attributes: { 'http.method': 'GET' } }, below(agent)).end();
          at += 1;
        }
      }
      agent.end();
    }
    root.end();
  });
}

function exportAll(exporter, items) {
  return new Promise((resolve, reject) =>
    exporter.export(items, ({ code, error }) =>
      code === 0 ? resolve() : reject(error ?? new Error('failed')),
    ),
  );
}

/** Returns what the server has after these requests, without times of arrival. */
async function recordsAfter(protocol, compression, requests) {
  const server = await startServer({ port: 0 });
  const [Traces, Logs] = PROTOCOLS[protocol];
  const exporters = {
    traces: new Traces({ url: server.tracesUrl, compression, timeoutMillis }),
    logs: new Logs({ url: `${server.url}/v1/logs`, compression, timeoutMillis }),
  };
  try {
    for (const [kind, items] of requests) await exportAll(exporters[kind], items);
    return server
      .records()
      .map(({ seq: _seq, receivedAt: _at, ...record }) => record)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  } finally {
    await exporters.traces.shutdown();
    await exporters.logs.shutdown();
    await server.close();
  }
}

for (const protocol of Object.keys(PROTOCOLS))
  for (const count of [10, 512, 5000])
    test(`${count} spans as ${protocol} give the same records, shuffled, split and repeated`, async () => {
      const spans = makeSpans(count);
      assert.equal(spans.length, count);
      const expected = await recordsAfter(protocol, 'gzip', [['traces', spans]]);
      assert.ok(expected.length >= count / 5, `${expected.length} records of ${count} spans`);
      assert.ok(expected.every(({ userId, threadId }) => userId === 'ada' && threadId === 'thread-1'));
      assert.equal(new Set(expected.map(({ prompt }) => prompt)).size, expected.length);
      for (const [seed, size, compression] of [
        [1, 512, 'none'],
        [2, 64, 'gzip'],
      ]) {
        const repeated = shuffled([...spans, ...spans.slice(0, count / 3)], seed);
        const requests = chunks(repeated, size).map((chunk) => ['traces', chunk]);
        assert.deepEqual(await recordsAfter(protocol, compression, requests), expected);
      }
    });

for (const protocol of Object.keys(PROTOCOLS))
  test(`content and evaluations in log records as ${protocol} meet their spans in any order`, async () => {
    const spans = collectSpans((tracerOf) => {
      for (let at = 0; at < 20; at++)
        tracerOf('openai')
          .startSpan('chat gpt-4o', {
            attributes: {
              'gen_ai.operation.name': 'chat',
              'gen_ai.request.model': 'gpt-4o',
              'user.id': `user-${at}`,
            },
          })
          .end();
    });
    const logs = collectLogs((emit) => {
      for (const [at, span] of spans.entries()) {
        const context = trace.setSpanContext(ROOT_CONTEXT, span.spanContext());
        const event = (eventName, ms, fields) =>
          emit({
            eventName,
            timestamp: 1_767_323_045_000 + ms,
            context,
            // SDK 1.x does not export the name of an event: instrumentations wrote it as an attribute.
            ...fields,
            attributes: { 'event.name': eventName, ...fields.attributes },
          });
        event('gen_ai.user.message', 1, { body: { content: `Question ${at}` } });
        event('gen_ai.choice', 2, {
          body: { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: `Answer ${at}` } },
        });
        event('gen_ai.evaluation.result', 3, {
          attributes: { 'gen_ai.evaluation.name': 'relevance', 'gen_ai.evaluation.score.value': 0.5 },
        });
      }
    });
    const expected = await recordsAfter(protocol, 'none', [
      ['traces', spans],
      ['logs', logs],
    ]);
    const prompts = expected.filter(({ kind }) => kind === 'prompt');
    assert.deepEqual(
      prompts.map(({ userId, prompt, generation }) => [userId, prompt, generation]).sort(),
      spans.map((_, at) => [`user-${at}`, `Question ${at}`, `Answer ${at}`]).sort(),
    );
    const ids = new Set(prompts.map(({ id }) => id));
    const feedback = expected.filter(({ kind }) => kind === 'event');
    assert.equal(feedback.length, 20);
    assert.ok(feedback.every(({ properties }) => ids.has(properties.record_id) && properties.score === 0.5));
    for (const seed of [1, 2]) {
      const requests = [
        ...chunks(spans, 3).map((chunk) => ['traces', chunk]),
        ...chunks(logs, 7).map((chunk) => ['logs', chunk]),
      ];
      const repeated = shuffled([...requests, ...requests.slice(0, 4)], seed);
      assert.deepEqual(await recordsAfter(protocol, 'gzip', repeated), expected);
    }
  });
