// The `npm install` lines of each start of the README, in an empty folder, as npm resolves them today for this Node.js. Needs the network.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(folder, 'README.md'), 'utf8');
const npm = realpathSync(execFileSync('which', ['npm'], { encoding: 'utf8' }).trim());

/** Names and install lines of the starts. */
const starts = readme
  .split(/^### /m)
  .slice(1)
  .map((section) => [
    section.split('\n', 1)[0],
    [...section.matchAll(/^npm install (.+)$/gm)].map(([, line]) => line),
  ])
  .filter(([, lines]) => lines.length > 0);

test('the README has starts that install packages', () => assert.ok(starts.length >= 5, String(starts)));

for (const [title, lines] of starts)
  test(`npm resolves the packages of the start "${title}"`, () => {
    const empty = mkdtempSync(join(tmpdir(), 'trubrics-install-'));
    try {
      const ours = join(folder, 'node_modules/opentelemetry-exporter-trubrics');
      for (const line of [ours, ...lines]) {
        const args = [
          'install',
          '--package-lock-only',
          '--ignore-scripts',
          '--no-audit',
          '--no-fund',
          ...line.split(/\s+/),
        ];
        const { status, stderr } = spawnSync(process.execPath, [npm, ...args], {
          cwd: empty,
          encoding: 'utf8',
        });
        assert.equal(status, 0, `npm install ${line}\n${stderr}`);
      }
    } finally {
      rmSync(empty, { recursive: true, force: true });
    }
  });
