import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { describe, expect, test } from 'vitest';
import { TrubricsSpanProcessor } from '../../src/index.js';
import { fileSpool } from '../../src/node/index.js';
import { removeDirectory } from '../support/remove-directory.js';
import { startScriptedServer } from '../support/scripted-server.js';

const SPANS = 10_000;

describe.each(['memory', 'spool'])('10,000 spans that end in one tick, with a queue in %s', (queue) => {
  test('10,000 spans in one tick are all delivered, of which BatchSpanProcessor keeps 2,560', async () => {
    const server = await startScriptedServer();
    const dir = await mkdtemp(join(tmpdir(), 'ten-thousand-'));
    const processor = new TrubricsSpanProcessor({
      host: server.url,
      ...(queue === 'spool' && { spool: fileSpool({ dir }) }),
    });
    const tracer = new BasicTracerProvider({ spanProcessors: [processor] }).getTracer('test');
    for (let index = 0; index < SPANS; index++) {
      const span = tracer.startSpan('chat', {
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.request.model': 'gpt-4o-mini',
          'user.id': 'ada',
          'gen_ai.input.messages': `[{"role":"user","parts":[{"type":"text","content":"question ${index}"}]}]`,
          'gen_ai.output.messages': '[{"role":"assistant","parts":[{"type":"text","content":"answer"}]}]',
        },
      });
      span.end();
    }
    await processor.forceFlush();
    const { records, destinations } = processor.stats();
    expect(records).toBe(SPANS);
    expect(destinations).toMatchObject([{ accepted: SPANS, delivered: SPANS, queued: 0, spooled: 0 }]);
    expect(new Set(server.stored.map(({ prompt }) => prompt)).size).toBe(SPANS);
    await processor.shutdown();
    await server.close();
    await removeDirectory(dir);
  });
});
