import { AzureChatOpenAI, AzureOpenAI } from '@langchain/openai';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { useHandler } from '../../support/use-handler.js';

const AZURE = {
  azureOpenAIApiDeploymentName: 'my-gpt4o',
  azureOpenAIApiKey: 'k',
  azureOpenAIApiVersion: '2024-08-01-preview',
};

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

  test.each<[string, Record<string, unknown>, string]>([
    ['OpenAI', { response_format: { type: 'json_schema', json_schema: { name: 'p' } } }, 'json_schema'],
    ['OpenAI responses', { text: { format: { type: 'json_object' } } }, 'json_object'],
    ['Google', { generationConfig: { responseMimeType: 'application/json' } }, 'json'],
    ['Ollama with a schema', { format: { type: 'object', properties: {} } }, 'json_schema'],
    ['OpenAI, text', { response_format: { type: 'text' } }, 'text'],
  ])('the response format is recorded in short: %s', (_provider, invocation_params, format) => {
    expect(attributesOf({}, { invocation_params })['trubrics.response_format']).toBe(format);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['a mode', { tool_choice: 'required' }, 'required'],
    ['a tool of OpenAI', { tool_choice: { type: 'function', function: { name: 'search' } } }, 'search'],
    ['a tool of the Responses API', { tool_choice: { type: 'function', name: 'search' } }, 'search'],
    ['a mode of Anthropic', { tool_choice: { type: 'any' } }, 'any'],
    ['a tool of Anthropic', { tool_choice: { type: 'tool', name: 'search' } }, 'search'],
    ['a mode of Mistral', { toolChoice: 'any' }, 'any'],
    ['a mode of Bedrock', { toolConfig: { toolChoice: { auto: {} } } }, 'auto'],
    ['a tool of Bedrock', { toolConfig: { toolChoice: { tool: { name: 'search' } } } }, 'search'],
    ['a mode of Google', { toolConfig: { functionCallingConfig: { mode: 'ANY' } } }, 'any'],
    [
      'a tool of Google',
      { toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['search'] } } },
      'search',
    ],
  ])('the choice of tools is recorded in short: %s', (_name, invocation_params, choice) => {
    expect(attributesOf({}, { invocation_params })['trubrics.tool_choice']).toBe(choice);
  });

  test.each([
    [
      new AzureChatOpenAI({ ...AZURE, azureOpenAIBasePath: 'http://127.0.0.1:1/openai/deployments' }),
      '127.0.0.1',
    ],
    [new AzureChatOpenAI({ ...AZURE, azureOpenAIEndpoint: 'http://127.0.0.1:1' }), '127.0.0.1'],
    [
      new AzureChatOpenAI({ ...AZURE, model: 'gpt-4o', azureOpenAIApiInstanceName: 'me' }),
      'me.openai.azure.com',
    ],
    [new AzureOpenAI({ ...AZURE, azureOpenAIApiInstanceName: 'me' }), 'me.openai.azure.com'],
  ])('an Azure model is named by its deployment: %#', (model, address) => {
    const serialized = model.toJSON();

    expect(attributesOf(serialized, { invocation_params: { model: 'gpt-3.5-turbo' } })).toMatchObject({
      'gen_ai.request.model': 'my-gpt4o',
      'gen_ai.provider.name': 'azure.ai.openai',
      'server.address': address,
    });
  });

  test('the deployment of an Azure model can come from the environment, and is not used for others', () => {
    vi.stubEnv('AZURE_OPENAI_API_DEPLOYMENT_NAME', 'from-env');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const modelOf = (name: string) =>
      attributesOf({ id: ['langchain', 'chat_models', name] }, { invocation_params: { model: 'gpt-4o' } })[
        'gen_ai.request.model'
      ];

    expect(modelOf('AzureChatOpenAI')).toBe('from-env');
    expect(modelOf('ChatOpenAI')).toBe('gpt-4o');
  });

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
