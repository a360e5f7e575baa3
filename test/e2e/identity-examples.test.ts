import { expect, it } from 'vitest';
import { runNode } from '../support/run-as-user.js';

/** The records that an example prints at its end. */
function printedRecords(stdout: string): Record<string, unknown>[] {
  return JSON.parse(stdout.slice(stdout.search(/^\[\n {2}\{/m))) as Record<string, unknown>[];
}

it.each(['express', 'fastify', 'hono', 'next'])(
  'identity-%s tells apart who asks in concurrent requests',
  async (framework) => {
    const { code, stdout, stderr } = await runNode([`examples/identity-${framework}.mjs`]);
    expect([code, stderr]).toEqual([0, '']);
    const records = printedRecords(stdout);
    expect(records).toHaveLength(2);
    expect(records).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          userId: 'ada',
          threadId: 'geography',
          prompt: 'What is the capital of Italy?',
        }),
        expect.objectContaining({
          userId: 'grace',
          threadId: 'history',
          prompt: 'Who wrote the first compiler?',
        }),
      ]),
    );
  },
);
