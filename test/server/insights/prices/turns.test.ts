import { expect, test } from 'vitest';
import type { Statistics } from '../../../../src/server/index.js';
import { getJson } from '../../../support/server-requests.js';
import { agent, around, chat, toolResult } from '../../../support/trace-sketch.js';
import { useProvider } from '../../../support/use-provider.js';
import { useServer } from '../../../support/use-server.js';

test.each(['turn', 'both'] as const)(
  'a turn that is sent as "%s" costs the sum of its calls, each in its own tier, and counts once',
  async (granularity) => {
    const server = await useServer();
    const { provider, tracer } = useProvider({ host: server.ingestionUrl, apiKey: 'any', granularity });
    const gemini = { prompt: 'Weather?', model: 'gemini-2.5-pro', tokens: [150_000, 0] } as const;
    const attributes = { 'gen_ai.provider.name': 'gcp.gemini', 'gen_ai.usage.total_tokens': 150_000 };
    around(tracer, 'invoke_agent guide', agent('guide'), (below) => {
      chat(tracer, { ...gemini, attributes, toolCalls: ['weather'], below });
      chat(tracer, { ...gemini, attributes, steps: [toolResult('weather-0', '31')], answer: 'Hot', below });
    });
    await provider.shutdown();
    const { cost, pricedCalls, unpricedCalls, models } = await getJson<Statistics>(server, '/api/stats');
    // Two calls of 150,000 tokens at 1.25 dollars a million. A call of 300,000 would cost 2.50 a million, 0.75 in all.
    expect([cost, pricedCalls, unpricedCalls]).toEqual([0.375, 2, 0]);
    expect(models).toMatchObject([{ assistantId: 'gemini-2.5-pro', cost: 0.375, pricedCalls: 2 }]);
    const calls = server.records().filter(({ kind }) => kind === 'event');
    expect(calls.map(({ properties }) => properties['cost'])).toEqual(
      granularity === 'both' ? [0.1875, 0.1875] : [],
    );
  },
);
