import { expect, test } from 'vitest';
import { printedRecords } from '../support/printed-records.js';
import { runNode } from '../support/run-as-user.js';

test.each(['express', 'fastify', 'hono', 'next'])(
  'the example identity-%s tells apart the users of concurrent requests',
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
