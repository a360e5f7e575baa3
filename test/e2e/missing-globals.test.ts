import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { rolldown } from 'rolldown';
import { describe, expect, test } from 'vitest';

const DIST = fileURLToPath(new URL('../../dist/esm', import.meta.url));
const ENTRIES = ['index.js', 'langchain/index.js', 'standalone/index.js'];

/** What jsdom, React Native, older browsers or pages over plain HTTP lack. */
const ABSENT_SOMEWHERE = [
  'TextEncoder',
  'TextDecoder',
  'crypto',
  'fetch',
  'Request',
  'Response',
  'structuredClone',
];
/** What every runtime has in which the package can deliver. */
const PRESENT = {
  setTimeout,
  clearTimeout,
  queueMicrotask,
  performance,
  AbortController,
  AbortSignal,
  console,
  URL,
  URLSearchParams,
};

/** As in the edge runtime of Next.js. */
const unsupportedProcess = new Proxy(
  { env: {} },
  {
    get: (target, name) =>
      name === 'env'
        ? target.env
        : () => {
            throw new Error(`A Node.js API is used (process.${String(name)})`);
          },
  },
);

const RUNTIMES: readonly { title: string; absent: readonly string[]; process?: object }[] = [
  { title: 'with all globals', absent: [] },
  ...ABSENT_SOMEWHERE.map((name) => ({ title: `without ${name}`, absent: [name] })),
  { title: `without ${ABSENT_SOMEWHERE.join(', ')}`, absent: ABSENT_SOMEWHERE },
  { title: 'whose functions of process throw', absent: [], process: unsupportedProcess },
];

/** Runs an application that uses an entry, with these globals beside those of ECMAScript. Returns what it exports. */
async function runApplication<T>(entry: string, code: string, globals: object): Promise<T> {
  const source = `import * as entry from ${JSON.stringify(join(DIST, entry))};\n${code}`;
  const bundle = await rolldown({
    input: 'application',
    platform: 'browser',
    plugins: [
      {
        name: 'application',
        resolveId: (id) => (id === 'application' ? id : undefined),
        load: (id) => (id === 'application' ? source : undefined),
      },
    ],
  });
  const { output } = await bundle.generate({ format: 'iife', name: 'application' });
  await bundle.close();
  const sandbox = createContext({ ...globals });
  return runInContext(`${output[0].code}\napplication`, sandbox) as T;
}

describe('the application always wins', () => {
  test.each(ENTRIES)('%s loads in a runtime that has no globals but those of ECMAScript', async (entry) => {
    const { names } = await runApplication<{ names: string[] }>(
      entry,
      'export const names = Object.keys(entry);',
      {},
    );
    expect(names.length).toBeGreaterThan(0);
  });

  test('a handler that has nowhere to send to, and the process-wide mode, work where functions of process throw', async () => {
    const { stats } = await runApplication<{ stats: { skipped: object } }>(
      'standalone/index.js',
      `
      import { instrumentLangChain } from ${JSON.stringify(join(DIST, 'langchain/index.js'))};
      instrumentLangChain()();
      const handler = entry.trubricsHandler();
      handler.handleLLMStart({ lc: 1, type: 'not_implemented', id: ['FakeLLM'] }, ['Capital?'], 'run-1');
      handler.handleLLMEnd({ generations: [[{ text: 'Rome.' }]] }, 'run-1');
      export const stats = handler.stats();`,
      { ...PRESENT, TextEncoder, crypto, process: unsupportedProcess },
    );
    expect(stats.skipped).toEqual({ no_destination: 1 });
  });

  test.each(RUNTIMES)(
    'prompts, events and feedback are sent in a runtime $title',
    async ({ absent, process }) => {
      const given = { TextEncoder, TextDecoder, crypto, fetch, Request, Response, structuredClone };
      const present = Object.entries(given).filter(([name]) => !absent.includes(name));
      const { sent } = await runApplication<{ sent: Promise<string[]> }>(
        'index.js',
        `
      const kinds = [];
      const destination = {
        name: 'memory',
        encode: (entry) => JSON.stringify(entry),
        send: async ({ items }) => void kinds.push(...items.map((item) => JSON.parse(item).kind)),
      };
      const client = new entry.TrubricsClient({ destination, hashUserId: 'a secret of enough length' });
      const { id } = client.trackPrompt({ userId: 'ada', prompt: 'Größe? 😀', generation: '2 m', assistantId: 'm' });
      client.track({ event: 'Signed up', userId: 'ada' });
      client.trackFeedback({ recordId: id, userId: 'ada', score: 1 });
      export const sent = client.shutdown().then(() => kinds);`,
        { ...PRESENT, ...Object.fromEntries(present), ...(process && { process }) },
      );
      expect((await sent).toSorted()).toEqual(['event', 'event', 'prompt']);
    },
  );
});
