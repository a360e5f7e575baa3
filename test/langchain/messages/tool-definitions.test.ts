import { tool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { describe, expect, test } from 'vitest';
import { json } from '../../support/tracing.js';
import { useHandler } from '../../support/use-handler.js';
import { useOpenAiServer } from '../../support/use-openai-server.js';

/** Returns the recorded tool definitions of a request. */
function definitionsOf(
  invocationParams: Record<string, unknown>,
  options: Record<string, unknown> = {},
): unknown {
  const { otel, handler } = useHandler();
  handler.handleChatModelStart({}, [[]], 'run', undefined, { invocation_params: invocationParams, options });
  handler.handleLLMEnd({ generations: [] }, 'run');
  return json(otel.span('chat'), 'gen_ai.tool.definitions');
}

const SCHEMA = { type: 'object', properties: { city: { type: 'string' } } };
const WEATHER = { type: 'function', name: 'weather', description: 'Of a city.', parameters: SCHEMA };

describe('tool definitions', () => {
  test('the tools of a real request are recorded with their schema', async () => {
    const { otel, handler } = useHandler();
    const server = await useOpenAiServer();
    const search = tool((input: string) => input, { name: 'search', description: 'Searches.' });
    const model = new ChatOpenAI({ apiKey: 'test', model: 'm', configuration: { baseURL: server.url } });

    await model.bindTools([search]).invoke('hi', { callbacks: [handler] });

    expect(json(otel.span('chat'), 'gen_ai.tool.definitions')).toMatchObject([
      { type: 'function', name: 'search', description: 'Searches.', parameters: { type: 'object' } },
    ]);
  });

  test.each<[string, Record<string, unknown>]>([
    ['OpenAI', { tools: [{ type: 'function', function: { ...WEATHER, type: undefined } }] }],
    ['OpenAI responses', { tools: [WEATHER] }],
    ['Anthropic', { tools: [{ name: 'weather', description: 'Of a city.', input_schema: SCHEMA }] }],
    [
      'Google',
      {
        tools: [
          { functionDeclarations: [{ name: 'weather', description: 'Of a city.', parameters: SCHEMA }] },
        ],
      },
    ],
    [
      'Bedrock',
      {
        toolConfig: {
          tools: [
            { toolSpec: { name: 'weather', description: 'Of a city.', inputSchema: { json: SCHEMA } } },
          ],
        },
      },
    ],
  ])(
    'the tool definition of %s is converted to the form of the conventions',
    (_provider, invocationParams) => {
      expect(definitionsOf(invocationParams)).toEqual([WEATHER]);
    },
  );

  test('a built-in tool of Google is recorded by its only key', () => {
    expect(definitionsOf({ tools: [{ googleSearch: {} }, { codeExecution: {} }] })).toEqual([
      { type: 'googleSearch', name: 'googleSearch' },
      { type: 'codeExecution', name: 'codeExecution' },
    ]);
  });

  test('a tool that the provider runs is recorded without its credentials', () => {
    const tools = [
      { type: 'web_search_preview', user_location: { city: 'Paris' } },
      {
        type: 'mcp',
        server_label: 'crm',
        server_url: 'https://crm.example/?key=SECRET',
        headers: { Authorization: 'SECRET' },
        authorization: 'SECRET',
      },
    ];

    expect(definitionsOf({ tools })).toEqual([
      { type: 'web_search_preview', name: 'web_search_preview' },
      { type: 'mcp', name: 'crm' },
    ]);
  });

  test('very long schemas are omitted, but names and descriptions are kept', () => {
    const parameters = { type: 'object', description: 'x'.repeat(200_000) };

    expect(definitionsOf({ tools: [{ ...WEATHER, parameters }] })).toEqual([
      { type: 'function', name: 'weather', description: 'Of a city.' },
    ]);
  });

  test('values that are not tools give no tool definitions', () => {
    expect(definitionsOf({ tools: [null, 7, 'x', {}, [], { type: 'function' }] })).toBeUndefined();
  });

  test('tool definitions are not recorded with content "none"', async () => {
    const { otel, handler } = useHandler({ content: 'none' });
    handler.handleChatModelStart({}, [[]], 'run', undefined, { invocation_params: { tools: [WEATHER] } });
    await handler.shutdown();

    expect(otel.span('chat').attributes).not.toHaveProperty('gen_ai.tool.definitions');
  });
});
