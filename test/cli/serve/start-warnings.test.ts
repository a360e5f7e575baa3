import { expect, test } from 'vitest';
import { skewWarning } from '../../../src/cli/serve/clock-skew.js';
import { readServeOptions } from '../../../src/cli/serve/serve-options.js';
import { startWarnings } from '../../../src/cli/serve/start-warnings.js';
import {
  joinCredentials,
  NO_CREDENTIALS,
  type Credentials,
} from '../../../src/server/security/credentials/credentials.js';
import { parseKeys, parseTokens } from '../../../src/server/security/credentials/parse-variables.js';

const KEY = 'a-key-of-the-shop-01';
const TOKEN = 'a-token-of-the-shop-01';
const GOOD = { TRUBRICS_SERVER_KEYS: `shop=${KEY}`, TRUBRICS_SERVER_TOKENS: `shop=${TOKEN}` };

function problems(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  file: Credentials = NO_CREDENTIALS,
): readonly string[] {
  const options = readServeOptions(['--store', 'memory', ...args], environment);
  if (!options) throw new Error('help');
  const credentials = joinCredentials(options.credentials, file);
  return startWarnings(options, credentials, environment).map(({ problem, next }) => `${problem}: ${next}`);
}

test('a configuration without mistakes has no warning, nor has a trial without keys', () => {
  expect(problems([], GOOD)).toEqual([]);
  expect(problems([], {})).toEqual([]);
  expect(problems([], { TRUBRICS_SERVER_KEYS: `shop=${KEY}`, TRUBRICS_SERVER_TOKENS: `*=${TOKEN}` })).toEqual(
    [],
  );
});

test.each([
  [
    { ...GOOD, TRUBRICS_SERVER_KEYS: 'shop=123456789012345' },
    /^TRUBRICS_SERVER_KEYS, entry 1, is shorter than 16/,
  ],
  [
    { ...GOOD, TRUBRICS_SERVER_TOKENS: `shop=${TOKEN},*:delete=admin` },
    /^TRUBRICS_SERVER_TOKENS, entry 2, is short/,
  ],
  [{ ...GOOD, TRUBRICS_SERVER_METRICS_TOKEN: 'metrics' }, /^TRUBRICS_SERVER_METRICS_TOKEN is shorter/],
  [
    { ...GOOD, TRUBRICS_SERVER_TOKENS: `shop=${KEY}` },
    /^TRUBRICS_SERVER_KEYS, entry 1, is a writing key and/,
  ],
  [
    { ...GOOD, TRUBRICS_SERVER_KEYS: `shop=${KEY},docs=${KEY}` },
    /another entry as well.*goes to project shop/,
  ],
  [{ ...GOOD, TRUBRICS_SERVER_TOKENS: `shop+shpo=${TOKEN}` }, /reads the project shpo.*keys write into shop/],
])('%j is warned of once', (environment, line) => {
  expect(problems([], environment)).toEqual([expect.stringMatching(line)]);
});

test('a text of a variable is compared with the hashes of the file', () => {
  const file = {
    keys: parseKeys(`shop=${TOKEN}`, 'FILE'),
    tokens: parseTokens(`shop=${KEY}`, 'FILE'),
    users: [],
  };
  expect(problems([], GOOD, file)).toEqual([
    expect.stringMatching(/^TRUBRICS_SERVER_KEYS, entry 1, is a writing key and a reading token/),
    expect.stringMatching(/^TRUBRICS_SERVER_TOKENS, entry 1, is a writing key and a reading token/),
  ]);
});

test('a password in the address is warned of on the command line, where others can read it', () => {
  const args = ['--store', 'clickhouse://team:hunter2@h:8123/db'];
  expect(problems(args, GOOD)).toEqual([expect.stringMatching(/^--store holds the password/)]);
  expect(problems(['--store', 'clickhouse://team@h:8123/db'], GOOD)).toEqual([]);
});

test('a proxy at any address, and keys to forward with for no project, are warned of', () => {
  const proxy = ['--user-header', 'x-user', '--trusted-proxy', '10.0.0.0/8,0.0.0.0/0'];
  expect(problems(proxy, GOOD)).toEqual([
    expect.stringMatching(/whoever sends the header x-user is that user/),
  ]);
  const forward = ['--forward-to', 'https://other.example'];
  expect(problems(forward, { ...GOOD, TRUBRICS_SERVER_FORWARD_KEYS: 'shpo=f' })).toEqual([
    expect.stringMatching(/^TRUBRICS_SERVER_FORWARD_KEYS names the project shpo/),
  ]);
});

test.each([
  [1_000_000, 1_000_000, 1_000_100, /^$/],
  // Within the time of the request, nothing is known.
  [1_040_000, 1_000_000, 1_060_000, /^$/],
  [1_004_000, 1_000_000, 1_000_000, /^$/],
  [1_090_000, 1_000_000, 1_000_100, /90 s behind/],
  [900_000, 1_000_000, 1_000_100, /100 s ahead of/],
])('the clock of ClickHouse at %i, asked from %i to %i, is told if it differs', (theirs, from, to, line) => {
  expect(skewWarning(theirs, from, to)?.problem ?? '').toMatch(line);
});
