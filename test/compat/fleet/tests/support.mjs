import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

/** The folder of the install, which stands for `/app` in the image. */
export const APP = fileURLToPath(new URL('..', import.meta.url));
export const FLEET = join(APP, 'examples/fleet');
export const CLI = join(APP, 'node_modules/opentelemetry-exporter-trubrics/dist/esm/cli.js');

export function read(file) {
  return readFileSync(join(FLEET, file), 'utf8');
}

/** Returns the documents of a YAML file. Fails for anything that YAML 1.2 does not allow, and for warnings. */
export function readYaml(file) {
  const documents = parseAllDocuments(read(file), {
    strict: true,
    uniqueKeys: true,
    version: '1.2',
    merge: true,
  });
  for (const document of documents) assert.deepEqual([...document.errors, ...document.warnings], [], file);
  return documents.map((document) => document.toJS());
}

export function filesEndingIn(...endings) {
  return readdirSync(FLEET, { recursive: true }).filter((file) => endings.some((end) => file.endsWith(end)));
}

/** Starts a server as the image does, on a free port, with records in memory. It ends with the test. */
export async function startServer(t, environment = {}) {
  const child = spawn(process.execPath, [CLI, 'serve'], {
    cwd: APP,
    env: {
      ...process.env,
      TRUBRICS_SERVER_PORT: '0',
      TRUBRICS_SERVER_HOST: '0.0.0.0',
      TRUBRICS_SERVER_STORE: 'memory',
      TRUBRICS_SERVER_KEYS: 'default=writing',
      TRUBRICS_SERVER_TOKENS: '*:delete=reading',
      ...environment,
    },
  });
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  child.stderr.on('data', (data) => (output += data));
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const port = await eventually(() => {
    const [, found] = /"port":(\d+)/.exec(output) ?? /:(\d{4,5})\b/.exec(output) ?? [];
    assert.ok(found, `not started: ${output}`);
    return Number(found);
  });
  return { child, port, url: `http://127.0.0.1:${port}`, exited, output: () => output };
}

/** Retries a check that passes by real processes and sockets, for 20 seconds at most. */
export async function eventually(check) {
  const endMs = Date.now() + 20_000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > endMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

export function publish(url, ids, key = 'writing') {
  const items = ids.map((id) => ({
    user_id: 'ada',
    prompt: 'p',
    generation: 'g',
    properties: { $event_id: id },
  }));
  return fetch(`${url}/api/ingestion/publish_llm_events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify(items),
  });
}

export const READING = { headers: { authorization: 'Bearer reading' } };
