// Runs an application beside another tracer, with a backend for that tracer, a local OpenAI and a local Trubrics.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { startServer } from 'opentelemetry-exporter-trubrics/server';
import { startOpenAiServer } from './openai-server.mjs';

const folder = fileURLToPath(new URL('../..', import.meta.url));

/** Starts a server that accepts whatever a tracer sends, and keeps it as text. */
async function startBackend() {
  const requests = [];
  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const encoding = request.headers['content-encoding'];
      const decoded =
        encoding === 'gzip' ? gunzipSync(body) : encoding === 'br' ? brotliDecompressSync(body) : body;
      requests.push({ path: request.url, text: decoded.toString('latin1') });
      // What Azure Monitor wants to read; others ignore it.
      const answer = JSON.stringify({ itemsReceived: 100, itemsAccepted: 100, errors: [] });
      // Protobuf without a field is a response of OTLP without a partial success.
      const isOtlp = request.headers['content-type']?.includes('protobuf');
      response.setHeader('content-type', isOtlp ? 'application/x-protobuf' : 'application/json');
      response.end(isOtlp ? '' : answer);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  return {
    requests,
    port,
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}

/**
 * Runs `node ARGUMENTS`. Programs get the addresses as BACKEND, TRUBRICS_HOST and OPENAI_BASE_URL. Returns what they wrote, the records that
 * arrived at Trubrics, and the requests that arrived at the backend.
 */
export async function runBeside(args, env = {}) {
  const [backend, model, trubrics] = await Promise.all([
    startBackend(),
    startOpenAiServer(),
    startServer({ port: 0 }),
  ]);
  const address = `http://127.0.0.1:${backend.port}`;
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  const child = spawn(process.execPath, args, {
    cwd: folder,
    timeout: 120_000,
    env: {
      ...inherited,
      BACKEND: address,
      TRUBRICS_HOST: trubrics.ingestionUrl,
      OPENAI_API_KEY: 'x',
      OPENAI_BASE_URL: model.url,
      ...(typeof env === 'function' ? env(address) : env),
    },
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve) => child.on('close', resolve));
  const records = trubrics.records();
  await Promise.all([backend.close(), model.close(), trubrics.close()]);
  return { code, output, records, requests: backend.requests };
}

const summary = ({ userId, prompt, generation }) => ({ userId, prompt, generation });

/** Compares the records of a run with one answer for each question. */
export function assertAnswered({ code, output, records }, questions) {
  assert.equal(code, 0, output);
  assert.deepEqual(
    records.map(summary).sort((a, b) => (a.prompt < b.prompt ? -1 : 1)),
    [...questions].sort().map((prompt) => ({ userId: 'ada', prompt, generation: `Answer to: ${prompt}` })),
    output,
  );
}

/** Fails unless every one of the texts, such as names of spans, is in some request to the backend. */
export function assertArrived({ requests, output }, texts) {
  const missing = texts.filter((text) => !requests.some((request) => request.text.includes(text)));
  assert.deepEqual(missing, [], `${requests.map(({ path }) => path).join('\n')}\n${output}`);
}
