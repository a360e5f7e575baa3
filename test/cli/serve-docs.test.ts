import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { DEV_ARGUMENTS } from '../../src/cli/dev/dev-options.js';
import { SERVE_ARGUMENTS, SERVE_SECRETS } from '../../src/cli/serve/serve-arguments.js';
import { STORE_PASSWORD } from '../../src/cli/serve/parse-store.js';
import { SERVE_USAGE } from '../../src/cli/serve/usage.js';
import { USAGE } from '../../src/cli/usage.js';
import { ServerMetrics } from '../../src/server/metrics/server-metrics.js';

const fleet = readFileSync(fileURLToPath(new URL('../../docs/fleet.md', import.meta.url)), 'utf8');

const options = Object.entries(SERVE_ARGUMENTS).flatMap(([name, spec]) => [
  `--${name}`,
  ...('env' in spec ? [spec.env] : []),
]);
const named = [...options, ...Object.values(SERVE_SECRETS), STORE_PASSWORD].filter(
  (name) => name !== '--help',
);

test.each([
  ['docs/fleet.md', fleet],
  ['the help of serve', SERVE_USAGE],
])('%s names every option and variable, and no other', (_, text) => {
  for (const name of named) expect(text).toMatch(new RegExp(`${name}(?![\\w-])`));
  for (const [variable] of text.matchAll(/TRUBRICS_SERVER_\w+/g)) expect(named).toContain(variable);
});

test('the help of dev names every option and variable, and no other', () => {
  const [, help = ''] = USAGE.split('Options of dev');
  const names = Object.entries(DEV_ARGUMENTS).flatMap(([name, spec]) => [
    `--${name}`,
    ...('env' in spec ? [spec.env] : []),
  ]);
  for (const name of names) expect(help).toMatch(new RegExp(`${name}(?![\\w-])`));
  for (const [option] of help.matchAll(/--[a-z][a-z-]+/g)) expect([...names, '--version']).toContain(option);
});

test('docs/fleet.md names every metric, and no other', () => {
  const text = new ServerMetrics({
    version: '1',
    projects: () => new Map(),
    bytesInFlight: () => 0,
  }).render();
  const metrics = Array.from(text.matchAll(/^# TYPE (\w+)/gm), ([, name]) => name ?? '');
  for (const name of metrics) expect(fleet).toContain(`\`${name}\``);
  for (const [, name] of fleet.matchAll(/`((?:trubrics|process|nodejs)_[a-z0-9_]+)`/g))
    expect(metrics).toContain(name);
});
