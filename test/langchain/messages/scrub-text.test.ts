import { ChatOpenAI } from '@langchain/openai';
import { describe, expect, test } from 'vitest';
import type { tracing } from '../../support/tracing.js';
import { useHandler } from '../../support/use-handler.js';
import { useOpenAiServer } from '../../support/use-openai-server.js';

describe('credentials', () => {
  test('keys, headers, organisation and URL query of a real model are not recorded', async () => {
    const { otel, handler } = useHandler();
    const server = await useOpenAiServer();
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
    const failing = await useOpenAiServer({ status: 401 });
    const refused = new ChatOpenAI({
      apiKey: 'SECRET-key',
      model: 'm',
      maxRetries: 0,
      configuration: { baseURL: failing.url },
    });
    await expect(refused.invoke('hi', { callbacks: [handler] })).rejects.toThrow();

    expect(otel.spans).toHaveLength(2);
    expect(everythingOn(otel)).not.toContain('SECRET');
  });

  test('credentials in an error message and in the URL of a picture are replaced', () => {
    const { otel, handler } = useHandler();
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

  test('credentials in parameters, options and metadata are not recorded', () => {
    const { otel, handler } = useHandler();
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
