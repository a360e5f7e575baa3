import { describe, expect, test } from 'vitest';
import { readDevOptions } from '../../src/cli/dev-options.js';
import { readOutgoing } from '../../src/cli/outgoing-options.js';
import { readServeOptions } from '../../src/cli/serve/serve-options.js';

const HOOK = 'https://hooks.example.com/a?b=1,2';

describe('options for what a server sends by itself', () => {
  test('webhooks come from the command line, else from the environment, and their secret from there alone', () => {
    const environment = {
      TRUBRICS_WEBHOOKS: `${HOOK}, http://127.0.0.1:9/x`,
      TRUBRICS_WEBHOOK_SECRET: 's3cret',
      TRUBRICS_PRIVATE_TARGETS: '10.0.0.0/8, fd00::/8',
    };
    expect(readOutgoing({}, environment)).toEqual({
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

  test('a wrong one is refused without being repeated', () => {
    for (const read of [
      () => readDevOptions(['--webhook', 'hooks.example.com/hidden'], {}),
      () => readServeOptions(['--store', 'memory'], { TRUBRICS_WEBHOOKS: 'https://a:hidden@b.example' }),
    ])
      expect(read).toThrow(/^--webhook: A target must (?!.*hidden)/);
    expect(() => readDevOptions(['--webhook', HOOK, '--private-target', '10.x'], {})).toThrow('"10.x"');
  });
});
