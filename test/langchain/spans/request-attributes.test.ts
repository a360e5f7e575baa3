import { tool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  TrubricsCallbackHandler,
  type TrubricsCallbackHandlerOptions,
} from '../../../src/langchain/index.js';
import { type OpenAiServer, startOpenAiServer } from '../../support/openai-server.js';
import { json, tracing } from '../../support/tracing.js';

let server: OpenAiServer;
beforeAll(async () => {
  server = await startOpenAiServer();
});
afterAll(() => server.close());

function setUp(options: TrubricsCallbackHandlerOptions = {}) {
  const otel = tracing();
  return { otel, handler: new TrubricsCallbackHandler({ tracerProvider: otel.tracerProvider, ...options }) };
}

/** The definitions that the handler makes of a request's tools. */
function definitionsOf(
  invocationParams: Record<string, unknown>,
  options: Record<string, unknown> = {},
): unknown {
  const { otel, handler } = setUp();
  handler.handleChatModelStart({}, [[]], 'run', undefined, { invocation_params: invocationParams, options });
  handler.handleLLMEnd({ generations: [] }, 'run');
  return json(otel.span('chat'), 'gen_ai.tool.definitions');
}

const SCHEMA = { type: 'object', properties: { city: { type: 'string' } } };
const WEATHER = { type: 'function', name: 'weather', description: 'Of a city.', parameters: SCHEMA };

describe('tool definitions', () => {
  test('of a real request', async () => {
    const { otel, handler } = setUp();
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
  ])('of %s, in one form', (_provider, invocationParams) => {
    expect(definitionsOf(invocationParams)).toEqual([WEATHER]);
  });

  test("Google's own tools are told by their only key", () => {
    expect(definitionsOf({ tools: [{ googleSearch: {} }, { codeExecution: {} }] })).toEqual([
      { type: 'googleSearch', name: 'googleSearch' },
      { type: 'codeExecution', name: 'codeExecution' },
    ]);
  });

  test('tools that the provider runs are told by type and name: they carry credentials', () => {
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

  test('very long schemas are left out, names and descriptions stay', () => {
    const parameters = { type: 'object', description: 'x'.repeat(200_000) };

    expect(definitionsOf({ tools: [{ ...WEATHER, parameters }] })).toEqual([
      { type: 'function', name: 'weather', description: 'Of a city.' },
    ]);
  });

  test('anything else is no tool', () => {
    expect(definitionsOf({ tools: [null, 7, 'x', {}, [], { type: 'function' }] })).toBeUndefined();
  });

  test('content: "none" keeps them back', async () => {
    const { otel, handler } = setUp({ content: 'none' });
    handler.handleChatModelStart({}, [[]], 'run', undefined, { invocation_params: { tools: [WEATHER] } });
    await handler.shutdown();

    expect(otel.span('chat').attributes).not.toHaveProperty('gen_ai.tool.definitions');
  });
});

/** The attributes of a model run that was started so and has ended. */
function attributesOf(serialized: unknown, extraParams: Record<string, unknown>, metadata = {}) {
  const { otel, handler } = setUp();
  handler.handleChatModelStart(serialized, [[]], 'run', undefined, extraParams, [], metadata);
  handler.handleLLMEnd({ generations: [] }, 'run');
  return otel.span('chat').attributes;
}

describe('parameters', () => {
  test.each<[string, Record<string, unknown>]>([
    ['OpenAI', { response_format: { type: 'json_schema' } }],
    ['OpenAI responses', { text: { format: { type: 'json_object' } } }],
    ['Anthropic', { output_config: { format: { type: 'json_schema' } } }],
    ['Google', { generationConfig: { responseMimeType: 'application/json' } }],
    ['Mistral', { responseFormat: { type: 'json_object' } }],
    ['Ollama', { format: 'json' }],
    ['Ollama with a schema', { format: { type: 'object', properties: {} } }],
  ])('an answer in JSON, as %s is asked for it', (_provider, invocationParams) => {
    expect(attributesOf({}, { invocation_params: invocationParams })['gen_ai.output.type']).toBe('json');
  });

  test.each([{ response_format: { type: 'text' } }, { text: {} }, { format: 'yaml' }])(
    'any other format is none: %j',
    (invocationParams) => {
      expect(attributesOf({}, { invocation_params: invocationParams })).not.toHaveProperty(
        'gen_ai.output.type',
      );
    },
  );

  test('a number below zero says that a limit is not set; a penalty and a seed may be negative', () => {
    const invocation_params = { top_k: -1, top_p: -1, max_tokens: -1, presence_penalty: -0.5, seed: -3 };

    expect(attributesOf({}, { invocation_params })).toMatchObject({
      'gen_ai.request.presence_penalty': -0.5,
      'gen_ai.request.seed': -3,
    });
    expect(Object.keys(attributesOf({}, { invocation_params })).join()).not.toMatch(/top_k|top_p|max_tokens/);
  });

  test('those of the constructor count where the call tells none', () => {
    const serialized = { kwargs: { temperature: 0.3, top_k: 5, api_key: 'SECRET' } };
    const told = attributesOf(serialized, { invocation_params: { temperature: 0.7 } });
    const untold = attributesOf(serialized, { invocation_params: {} });

    expect(told).toMatchObject({ 'gen_ai.request.temperature': 0.7 });
    expect(told).not.toHaveProperty('gen_ai.request.top_k');
    expect(untold).toMatchObject({ 'gen_ai.request.temperature': 0.3, 'gen_ai.request.top_k': 5 });
    expect(JSON.stringify(untold)).not.toContain('SECRET');
  });

  test.each([
    ['openai', ['langchain', 'chat_models', 'openai', 'ChatOpenAI'], 'openai'],
    ['openai', ['langchain', 'chat_models', 'deepseek', 'ChatDeepSeek'], 'deepseek'],
    ['openai', ['acme', 'models', 'internal', 'AcmeChat'], 'openai'],
    ['azure', ['langchain', 'chat_models', 'azure_openai', 'AzureChatOpenAI'], 'azure.ai.openai'],
    ['constructor', [], 'constructor'],
  ])('the provider of %s, %j', (ls_provider, id, provider) => {
    expect(attributesOf({ id }, {}, { ls_provider })['gen_ai.provider.name']).toBe(provider);
  });

  test.each([
    [{ azure_endpoint: 'https://me.openai.azure.com/' }, 'me.openai.azure.com', 443],
    [{ endpoint: 'us-central1-aiplatform.googleapis.com' }, 'us-central1-aiplatform.googleapis.com', 443],
    [{ configuration: { baseURL: 'http://localhost:11434/v1' } }, 'localhost', 11434],
  ])('the server of %j', (kwargs, address, port) => {
    expect(attributesOf({ kwargs }, {})).toMatchObject({ 'server.address': address, 'server.port': port });
  });
});

describe('credentials are never recorded', () => {
  test('of a real model: keys, headers, organisation, query of the URL', async () => {
    const { otel, handler } = setUp();
    const model = new ChatOpenAI({
      apiKey: 'SECRET-key',
      model: 'm',
      maxRetries: 0,
      modelKwargs: { extra_headers: { authorization: 'SECRET-kwargs' } },
      configuration: {
        baseURL: server.url,
        organization: 'SECRET-org',
        defaultHeaders: { 'x-api-key': 'SECRET-header' },
        defaultQuery: { key: 'SECRET-query' },
      },
    });

    await model.invoke('hi', { callbacks: [handler], options: { headers: { cookie: 'SECRET-cookie' } } });
    const failing = await startOpenAiServer({ status: 401 });
    const refused = new ChatOpenAI({
      apiKey: 'SECRET-key',
      model: 'm',
      maxRetries: 0,
      configuration: { baseURL: failing.url },
    });
    await expect(refused.invoke('hi', { callbacks: [handler] })).rejects.toThrow();
    await failing.close();

    expect(otel.spans).toHaveLength(2);
    expect(everythingOn(otel)).not.toContain('SECRET');
  });

  test('in the message of an error, and in the address of a picture', () => {
    const { otel, handler } = setUp();
    const secrets = [
      'https://user:SECRET@host/v1',
      'https://host/v1?key=SECRET&x=1',
      'https://host/?X-Amz-Signature=SECRET',
      'Authorization: Bearer SECRETSECRET',
      'Incorrect API key provided: sk-proj-SECRETSECRETSECRET.',
    ];
    const url = 'https://user:SECRET@host/a.png?sig=SECRET&size=big';
    const image = { type: 'human', content: [{ type: 'image_url', image_url: { url } }] };

    handler.handleChatModelStart({}, [[image]], 'run');
    handler.handleLLMError(new Error(secrets.join(' ')), 'run');

    expect(everythingOn(otel)).not.toContain('SECRET');
    expect(otel.spans[0]?.status.message).toBe(
      'https://***@host/v1 https://host/v1?key=***&x=1 https://host/?X-Amz-Signature=*** Authorization: Bearer *** Incorrect API key provided: ***.',
    );
    expect(everythingOn(otel)).toContain('https://***@host/a.png?sig=***&size=big');
  });

  test('wherever a provider may put them', () => {
    const { otel, handler } = setUp();
    const secrets = {
      apiKey: 'SECRET',
      api_key: 'SECRET',
      authorization: 'SECRET',
      headers: { authorization: 'SECRET' },
      mcp_servers: [{ url: 'https://u:SECRET@host', authorization_token: 'SECRET' }],
      credentials: { secretAccessKey: 'SECRET' },
    };

    handler.handleChatModelStart(
      {
        id: ['langchain', 'chat_models', 'x', 'X'],
        kwargs: { ...secrets, base_url: 'https://u:SECRET@host/?k=SECRET' },
      },
      [[]],
      'run',
      undefined,
      { invocation_params: { ...secrets, generationConfig: secrets }, options: secrets },
      [],
      { ls_provider: 'x', ls_secret: 'SECRET', lc_secret: 'SECRET', __secret: 'SECRET' },
    );
    handler.handleToolStart({ kwargs: secrets, name: 't' }, '{}', 'tool');
    handler.handleChainStart({ kwargs: secrets, name: 'c' }, secrets, 'chain');
    handler.handleChainEnd(secrets, 'chain');
    handler.handleToolEnd('', 'tool');
    handler.handleLLMEnd({ generations: [], llmOutput: secrets }, 'run');

    expect(otel.spans).toHaveLength(3);
    expect(everythingOn(otel)).not.toContain('SECRET');
    expect(otel.span('chat').attributes['server.address']).toBe('host');
  });
});

function everythingOn(otel: ReturnType<typeof tracing>): string {
  return JSON.stringify(
    otel.spans.map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
  );
}
