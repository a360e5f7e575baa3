import { expect, test } from 'vitest';
import { runScript } from './support/run-as-user.js';

const CALL = `
  import { FakeListChatModel } from '@langchain/core/utils/testing';
  await new FakeListChatModel({ responses: ['the answer'] }).invoke('the question');
`;

/** Runs an application that calls a model once, with the entry `./register` and nothing else. */
function runRegistered(env: Record<string, string>) {
  const NODE_OPTIONS = '--import opentelemetry-exporter-trubrics/register';
  return runScript(CALL, { env: { NODE_OPTIONS, TRUBRICS_FLUSH_TIMEOUT_MS: '2000', ...env } });
}

test.each([{ TRUBRICS_API_KEY: 'key-that-nobody-may-see' }, {}])(
  'an application with %j and no host runs, and is told once which hosts there are',
  async (env: Record<string, string>) => {
    const { code, stderr } = await runRegistered(env);
    expect(code).toBe(0);
    expect(stderr.match(/TrubricsWarning/g)).toHaveLength(1);
    expect(stderr).toMatch(/npx opentelemetry-exporter-trubrics dev.*TRUBRICS_HOST.*TRUBRICS_CLOUD/);
    expect(stderr).not.toContain('nobody-may-see');
  },
);
