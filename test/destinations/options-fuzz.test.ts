import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import { trubricsIngestion, trubricsPlatform } from '../../src/index.js';
import { fileSpool, jsonlFile } from '../../src/node/index.js';
import { promptEntry } from '../support/entries.js';
import { scriptedDestination } from '../support/scripted-destination.js';
import { thrownBy } from '../support/thrown-by.js';

const dir = mkdtempSync(join(tmpdir(), 'options-fuzz-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const SECRET = 'secret-that-nobody-may-see';

const wrong = fc.oneof(
  fc.anything(),
  fc.string(),
  fc.constantFrom('', ' ', '\0', 'a\nb', -1, 0, 1.5, Number.NaN, Infinity, null, [], {}, true),
  fc.webUrl({ validSchemes: ['http', 'https', 'ftp'] }),
);

/** Valid options of the factory. Each test replaces some of them by wrong values. */
const FACTORIES = [
  [
    'trubricsIngestion',
    trubricsIngestion,
    {
      apiKey: SECRET,
      host: 'https://trubrics.example',
      project: 'p',
      allowInsecure: false,
      fetch,
      promptEventName: 'a',
      generationEventName: 'b',
    },
  ],
  [
    'trubricsPlatform',
    trubricsPlatform,
    {
      email: 'a@b.c',
      password: SECRET,
      project: 'p',
      firebaseApiKey: SECRET,
      firebaseProjectId: 'f',
      endpoints: { identity: 'https://identity.example' },
      fetch,
    },
  ],
  ['jsonlFile', jsonlFile, { path: join(dir, 'a.jsonl'), maxBytes: 1_000, maxFiles: 2 }],
  ['fileSpool', fileSpool, { dir: join(dir, 'spool'), maxBytes: 2_000_000, maxAgeMs: 1, claimWithinMs: 0 }],
] as const;

describe.each(FACTORIES)('%s', (name, factory, right) => {
  const open = factory as (options: unknown) => object;
  const names = Object.keys(right);

  test(`${name} accepts its documented options`, () => {
    expect(open(right)).toBeInstanceOf(Object);
  });

  test(`${name} throws a TypeError without a secret for wrong options, or accepts them`, () => {
    let refused = 0;
    fc.assert(
      fc.property(
        fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), wrong, { minKeys: 1, maxKeys: 3 }),
        (changes) => {
          const error = thrownBy(() => open({ ...right, ...changes }));
          if (error === undefined) return;
          refused += 1;
          expect(error).toBeInstanceOf(TypeError);
          expect((error as Error).message).not.toContain(SECRET);
          // The message names the option.
          expect(Object.keys(changes).some((name) => (error as Error).message.includes(name))).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
    expect(refused).toBeGreaterThan(100);
  });

  test.each([null, 'text', 7, [], [right]])(`${name} refuses %j in place of options`, (options) => {
    expect(() => open(options)).toThrow('The options must be an object, not ');
  });
});

test('a spool and a file with names that no file system accepts lose and throw nothing', async () => {
  const destination = scriptedDestination();
  const spooled = createDelivery(destination, {
    spool: fileSpool({ dir: join(dir, 'a\0b'), claimWithinMs: 0 }),
  });
  spooled.accept(promptEntry('a'));
  await spooled.shutdown();
  expect(destination.delivered).toEqual(['a']);
  const filed = createDelivery(jsonlFile({ path: join(dir, 'a\0b') }));
  filed.accept(promptEntry('a'));
  await filed.shutdown(200);
  expect(filed.stats()).toMatchObject({
    dropped: { shutdown_timeout: 1 },
    lastError: 'ERR_INVALID_ARG_VALUE',
  });
});
