import { describe, expect, test } from 'vitest';
import { readDevOptions } from '../../src/cli/dev/dev-options.js';
import { readServeOptions } from '../../src/cli/serve/serve-options.js';

const HOOK = 'https://hooks.example.com/a?b=1,2';

describe('options for what a server sends by itself', () => {
  test('webhooks come from the command line, else from the environment, and their secret from there alone', () => {
    const environment = {
      TRUBRICS_WEBHOOKS: `${HOOK}, http://127.0.0.1:9/x`,
      TRUBRICS_WEBHOOK_SECRET: 's3cret',
      TRUBRICS_PRIVATE_TARGETS: '10.0.0.0/8, fd00::/8',
    };
    expect(readDevOptions([], environment).outgoing).toEqual({
      webhooks: [HOOK, 'http://127.0.0.1:9/x'],
      webhookSecret: 's3cret',
      privateTargets: ['10.0.0.0/8', 'fd00::/8'],
    });
    expect(readDevOptions(['--webhook', HOOK], environment).outgoing.webhooks).toEqual([HOOK]);
    expect(readDevOptions([], { TRUBRICS_WEBHOOK_SECRET: 's3cret' }).outgoing).toEqual({});
    const serve = ['--store', 'memory', '--webhook', HOOK, '--webhook', 'http://10.0.0.7'];
    const { outgoing } = readServeOptions(serve, {}) ?? {};
    expect(outgoing?.webhooks.map(({ host }) => host)).toEqual(['hooks.example.com', '10.0.0.7']);
    expect(readServeOptions(['--store', 'memory'], environment)?.outgoing.webhookSecret).toBe('s3cret');
  });

  test('a service for labels needs an address and a model, and its key comes from the environment alone', () => {
    const [url, model] = ['http://127.0.0.1:11434/v1', 'llama3.2'];
    const environment = { TRUBRICS_LABEL_KEY: 'key' };
    expect(readDevOptions(['--label-with', url, '--label-model', model], environment).outgoing).toEqual({
      labels: { url, model, apiKey: 'key' },
    });
    const variables = {
      TRUBRICS_LABEL_WITH: `${url}/`,
      TRUBRICS_LABEL_MODEL: model,
      TRUBRICS_LABEL_RATE: '5',
    };
    const labels = readServeOptions(['--store', 'memory'], variables)?.outgoing.labels;
    expect(labels).toMatchObject({ model, apiKey: undefined, perMinute: 5 });
    expect(labels?.target.url).toBe(`${url}/chat/completions`);
    expect(() => readDevOptions(['--label-with', url], {})).toThrow('need each other');
    expect(() => readDevOptions(['--label-model', model], {})).toThrow('need each other');
    expect(() => readDevOptions(['--label-with', 'x', '--label-model', model], {})).toThrow(
      '--label-with: A target',
    );
    const wrong = ['--label-with', url, '--label-model', model, '--label-rate', '0'];
    expect(() => readDevOptions(wrong, {})).toThrow('--label-rate must be a whole number');
    expect(readDevOptions([], environment).outgoing).toEqual({});
  });

  test('a wrong one is refused without being repeated', () => {
    for (const read of [
      () => readDevOptions(['--webhook', 'hooks.example.com/hidden'], {}),
      () => readServeOptions(['--store', 'memory'], { TRUBRICS_WEBHOOKS: 'https://a:hidden@b.example' }),
    ])
      expect(read).toThrow(/^--webhook: A target must (?!.*hidden)/);
    expect(() => readDevOptions(['--webhook', HOOK, '--private-target', '10.x'], {})).toThrow('"10.x"');
    const gateway = ['--store', 'none', '--forward-to', 'https://a.example', '--webhook', HOOK];
    expect(() => readServeOptions(gateway, { TRUBRICS_API_KEY: 'k' })).toThrow('--webhook needs a store');
  });
});
