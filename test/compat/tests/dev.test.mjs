// The command `dev` of this Node.js: page, ingestion, OTLP, and a file that survives a restart.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { trubricsHandler } from 'opentelemetry-exporter-trubrics/standalone';

const command = fileURLToPath(new URL('cli.js', import.meta.resolve('opentelemetry-exporter-trubrics')));

async function startDev(file) {
  const child = spawn(process.execPath, [command, 'dev', '--port', '0', '--file', file]);
  const ended = new Promise((resolve) => child.on('close', resolve));
  let output = '';
  const url = await new Promise((resolve, reject) => {
    const read = (chunk) => {
      output += chunk;
      const found = /running at (http:\S+)/.exec(output)?.[1];
      if (found) resolve(found);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void ended.then((code) => reject(new Error(`dev ended with ${code}\n${output}`)));
  });
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return { url, stop };
}

const promptsOf = async (url) =>
  (await (await fetch(`${url}/api/records`)).json()).records.map(({ userId, prompt, generation }) => [
    userId,
    prompt,
    generation,
  ]);

test('dev serves its page, takes the record of a call, and has it after a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'trubrics-dev-'));
  const file = join(folder, 'records.jsonl');
  const first = await startDev(file);
  const page = await (await fetch(`${first.url}/`)).text();
  const [, script] = /<script[^>]* src="([^"]+)"/.exec(page) ?? [];
  assert.equal((await fetch(new URL(script, `${first.url}/`))).status, 200, page);

  const handler = trubricsHandler({ host: `${first.url}/api/ingestion`, flushOnExit: false });
  await new FakeListChatModel({ responses: ['Rome.'] }).invoke('Capital of Italy?', {
    callbacks: [handler],
    metadata: { user_id: 'ada' },
  });
  await handler.shutdown();
  const expected = [['ada', 'Capital of Italy?', 'Rome.']];
  assert.deepEqual(await promptsOf(first.url), expected);
  assert.equal(await first.stop(), 0);

  const second = await startDev(file);
  assert.deepEqual(await promptsOf(second.url), expected);
  await second.stop();
  await rm(folder, { recursive: true });
});
