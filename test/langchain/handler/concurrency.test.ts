import { awaitAllCallbacks } from '@langchain/core/callbacks/promises';
import { HumanMessage } from '@langchain/core/messages';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { ChatOpenAI } from '@langchain/openai';
import { context, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withTrubrics } from '../../../src/identity/with-trubrics.js';
import { type OpenAiServer, startOpenAiServer } from '../../support/openai-server.js';
import { json, parentId } from '../../support/tracing.js';
import { useContextManager } from '../../support/use-context-manager.js';
import { HANDLER_ENTRIES, useHandler } from '../../support/use-handler.js';

useContextManager();

let server: OpenAiServer;
beforeAll(async () => {
  server = await startOpenAiServer({ delayMs: 2 });
});
afterAll(() => server.close());

describe.each(HANDLER_ENTRIES)('concurrent requests with the handler of %s', (entry) => {
  test('fifty concurrent calls of fifty users on one handler are not mixed up', async () => {
    const { otel, handler } = useHandler({}, entry);
    const model = new ChatOpenAI({
      apiKey: 'test',
      model: 'gpt-4o-mini',
      configuration: { baseURL: server.url },
      callbacks: [handler],
    });

    await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        model.invoke([new HumanMessage(`question ${i}`)], {
          metadata: { user_id: `user-${i}`, thread_id: `thread-${i}`, i },
          tags: [`tag-${i}`],
        }),
      ),
    );

    expect(otel.spans).toHaveLength(50);
    for (const span of otel.spans) {
      const { i } = json(span, 'trubrics.metadata') as { i: number };
      expect(span.attributes['user.id']).toBe(`user-${i}`);
      expect(span.attributes['session.id']).toBe(`thread-${i}`);
      expect(span.attributes['trubrics.tags']).toEqual(['langchain', `tag-${i}`]);
      expect(span.attributes['gen_ai.input.messages']).toContain(`question ${i}"`);
      expect(span.attributes['gen_ai.output.messages']).toContain(`question ${i}"`);
    }
  });

  test.each([{ awaitHandlers: true }, { awaitHandlers: false }])(
    '200 requests with a slow second handler keep parent and user (awaited: $awaitHandlers)',
    async ({ awaitHandlers }) => {
      const { otel, handler } = useHandler({}, entry);
      handler.awaitHandlers = awaitHandlers;
      const slow = { handleChatModelStart: () => sleep(3), handleChainStart: () => sleep(3) };
      const chain = ChatPromptTemplate.fromMessages([['human', '{question}']]).pipe(
        new FakeListChatModel({ responses: ['answer'] }),
      );
      const requests = new Map<string, string>();
      const tookMs = new Map<string, number>();

      await Promise.all(
        Array.from({ length: 200 }, async (_, i) => {
          const http = otel.tracer.startSpan(`GET /${i}`);
          requests.set(`user-${i}`, http.spanContext().spanId);
          await context.with(trace.setSpan(context.active(), http), () =>
            withTrubrics({ userId: `user-${i}` }, async () => {
              await sleep(i % 7);
              const begin = performance.now();
              await chain.invoke({ question: `q${i}` }, { callbacks: [slow, handler] });
              tookMs.set(`user-${i}`, performance.now() - begin);
            }),
          );
          // An awaited handler has ended all three spans when the call returns.
          const own = otel.spans.filter((span) => span.attributes['user.id'] === `user-${i}`);
          expect(own.length).toBeGreaterThanOrEqual(awaitHandlers ? 3 : 0);
          expect(own.length).toBeLessThanOrEqual(3);
          http.end();
        }),
      );
      await awaitAllCallbacks();
      const roots = otel.spans.filter(({ name }) => name === 'invoke_workflow RunnableSequence');

      expect(roots).toHaveLength(200);
      for (const root of roots) {
        expect(parentId(root)).toBe(requests.get(String(root.attributes['user.id'])));
      }
      for (const span of otel.spans.filter(({ name }) => name.startsWith('chat'))) {
        const root = roots.find((root) => root.spanContext().spanId === parentId(span));
        expect(root?.attributes['user.id']).toBe(span.attributes['user.id']);
        expect(span.spanContext().traceId).toBe(root?.spanContext().traceId);
        // LangChain's queue reports the end to a handler that is not awaited after the call has returned.
        const ownMs = tookMs.get(String(span.attributes['user.id'])) ?? 0;
        expect(durationMs(span)).toBeLessThanOrEqual(awaitHandlers ? ownMs : Infinity);
      }
    },
  );
});

function durationMs({ duration: [seconds, nanos] }: ReadableSpan): number {
  return seconds * 1e3 + nanos / 1e6;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
