import { describe, expect, test } from 'vitest';
import { useHandler } from '../../support/use-handler.js';

describe('request attributes', () => {
  test.each<[string, Record<string, unknown>]>([
    ['OpenAI', { response_format: { type: 'json_schema' } }],
    ['OpenAI responses', { text: { format: { type: 'json_object' } } }],
    ['Anthropic', { output_config: { format: { type: 'json_schema' } } }],
    ['Google', { generationConfig: { responseMimeType: 'application/json' } }],
    ['Mistral', { responseFormat: { type: 'json_object' } }],
    ['Ollama', { format: 'json' }],
    ['Ollama with a schema', { format: { type: 'object', properties: {} } }],
  ])('the output type is JSON if %s is asked for JSON', (_provider, invocationParams) => {
    expect(attributesOf({}, { invocation_params: invocationParams })['gen_ai.output.type']).toBe('json');
  });

  test.each([{ response_format: { type: 'text' } }, { text: {} }, { format: 'yaml' }])(
    'the output type is not set for other formats: %j',
    (invocationParams) => {
      expect(attributesOf({}, { invocation_params: invocationParams })).not.toHaveProperty(
        'gen_ai.output.type',
      );
    },
  );

  test('a negative limit counts as not set, but a penalty or seed may be negative', () => {
    const invocation_params = { top_k: -1, top_p: -1, max_tokens: -1, presence_penalty: -0.5, seed: -3 };

    expect(attributesOf({}, { invocation_params })).toMatchObject({
      'gen_ai.request.presence_penalty': -0.5,
      'gen_ai.request.seed': -3,
    });
    expect(Object.keys(attributesOf({}, { invocation_params })).join()).not.toMatch(/top_k|top_p|max_tokens/);
  });

  test('parameters of the constructor are used only if the call reports none', () => {
    const serialized = { kwargs: { temperature: 0.3, top_k: 5, api_key: 'SECRET' } };
    const reported = attributesOf(serialized, { invocation_params: { temperature: 0.7 } });
    const unreported = attributesOf(serialized, { invocation_params: {} });

    expect(reported).toMatchObject({ 'gen_ai.request.temperature': 0.7 });
    expect(reported).not.toHaveProperty('gen_ai.request.top_k');
    expect(unreported).toMatchObject({ 'gen_ai.request.temperature': 0.3, 'gen_ai.request.top_k': 5 });
    expect(JSON.stringify(unreported)).not.toContain('SECRET');
  });

  test.each([
    ['openai', ['langchain', 'chat_models', 'openai', 'ChatOpenAI'], 'openai'],
    ['openai', ['langchain', 'chat_models', 'deepseek', 'ChatDeepSeek'], 'deepseek'],
    ['openai', ['acme', 'models', 'internal', 'AcmeChat'], 'openai'],
    ['azure', ['langchain', 'chat_models', 'azure_openai', 'AzureChatOpenAI'], 'azure.ai.openai'],
    ['constructor', [], 'constructor'],
  ])('the provider name is derived from ls_provider %s and class %j', (ls_provider, id, provider) => {
    expect(attributesOf({ id }, {}, { ls_provider })['gen_ai.provider.name']).toBe(provider);
  });

  test.each([
    [{ azure_endpoint: 'https://me.openai.azure.com/' }, 'me.openai.azure.com', 443],
    [{ endpoint: 'us-central1-aiplatform.googleapis.com' }, 'us-central1-aiplatform.googleapis.com', 443],
    [{ configuration: { baseURL: 'http://localhost:11434/v1' } }, 'localhost', 11434],
  ])('the server address is read from %j', (kwargs, address, port) => {
    expect(attributesOf({ kwargs }, {})).toMatchObject({ 'server.address': address, 'server.port': port });
  });
});

/** Returns the span attributes of a model run that was started with these arguments and has ended. */
function attributesOf(serialized: unknown, extraParams: Record<string, unknown>, metadata = {}) {
  const { otel, handler } = useHandler();
  handler.handleChatModelStart(serialized, [[]], 'run', undefined, extraParams, [], metadata);
  handler.handleLLMEnd({ generations: [] }, 'run');
  return otel.span('chat').attributes;
}
