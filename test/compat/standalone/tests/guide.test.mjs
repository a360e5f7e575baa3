// The two examples of the Trubrics guide, run from the packed package where nothing is installed but the OpenTelemetry API and
// LangChain (hono and @hono/node-server come with the package).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

// Away from the repository, whose node_modules have everything.
const folder = mkdtempSync(join(tmpdir(), 'standalone-'));
before(() => cpSync(fileURLToPath(new URL('..', import.meta.url)), folder, { recursive: true }));
after(() => rmSync(folder, { recursive: true, force: true }));

function recordsOf(example) {
  const stdout = execFileSync(process.execPath, [`examples/${example}`], { cwd: folder, encoding: 'utf8' });
  return JSON.parse(stdout.slice(stdout.search(/^\[\n {2}\{/m)));
}

test('no OpenTelemetry SDK is installed', () => {
  const require = createRequire(join(folder, 'package.json'));
  for (const name of ['sdk-trace-base', 'sdk-trace-node', 'sdk-trace', 'sdk-node', 'context-async-hooks'])
    assert.throws(() => require.resolve(`@opentelemetry/${name}`), { code: 'MODULE_NOT_FOUND' });
});

test('the first example of the guide gives a record for each of its two prompts', () => {
  const records = recordsOf('standalone-llm.mjs');

  assert.deepEqual(
    records.map(({ prompt, tags, userId }) => ({ prompt, tags, userId })),
    [
      { prompt: 'Tell me a joke', tags: ['langchain'], userId: 'anonymous' },
      { prompt: 'Write me a poem', tags: ['langchain'], userId: 'anonymous' },
    ],
  );
});

test('the second example of the guide gives a record with user, tags and metadata', () => {
  const [record, ...others] = recordsOf('standalone-chat.mjs');

  assert.deepEqual(others, []);
  assert.equal(record.userId, 'user-id-1234');
  assert.equal(record.prompt, 'Tell me a joke');
  assert.deepEqual(record.tags, ['langchain', 'chat model']);
  assert.deepEqual(record.properties.some_metadata, { hello: [1, 2] });
  assert.equal(record.properties.project, 'default');
});
