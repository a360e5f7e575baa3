import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startServer, type RunningServer } from '../../src/server/index.js';
import { startOpenAiServer, type OpenAiServer } from '../support/openai-server.js';
import { runScript } from '../support/run-as-user.js';

/** A port that nothing listens at. (Low ones are refused by fetch itself, without a connection.) */
let down: string;

let server: RunningServer;
let openai: OpenAiServer;

beforeEach(async () => {
  server = await startServer({ port: 0 });
  const gone = await startServer({ port: 0 });
  down = gone.ingestionUrl;
  await gone.close();
  openai = await startOpenAiServer();
});
afterEach(async () => {
  await openai.close();
  await server.close();
});

/** A short application: one model call, then `ending`. */
const application = (ending: string) => `
  import { ChatOpenAI } from '@langchain/openai';
  import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
  import { TrubricsSpanProcessor } from 'opentelemetry-exporter-trubrics';
  import { TrubricsCallbackHandler } from 'opentelemetry-exporter-trubrics/langchain';
  const processor = new TrubricsSpanProcessor();
  const provider = new NodeTracerProvider({ spanProcessors: [processor] });
  provider.register();
  await new ChatOpenAI({ model: 'gpt-4o-mini' }).invoke('hi', { callbacks: [new TrubricsCallbackHandler()] });
  console.log('called', Date.now());
  ${ending}
  process.on('exit', () => console.log('exit', Date.now()));
`;

function run(ending: string, host = server.ingestionUrl, env: Record<string, string> = {}) {
  const environment = { TRUBRICS_HOST: host, OPENAI_BASE_URL: openai.url, OPENAI_API_KEY: 'k', ...env };
  return runScript(application(ending), { env: environment, timeoutMs: 15_000 });
}

/** Milliseconds from the answer of the model to the end of the process. */
function endingMs(stdout: string): number {
  const [called, exit] = [...stdout.matchAll(/(?:called|exit) (\d+)/g)].map((match) => Number(match[1]));
  return (exit ?? Number.NaN) - (called ?? Number.NaN);
}

describe('a script that ends', () => {
  it.each(['await processor.forceFlush();', 'await provider.forceFlush();', 'await provider.shutdown();'])(
    'has delivered its record after "%s", and ends at once',
    async (ending) => {
      const { code, stdout, stderr } = await run(ending);
      expect([code, stderr]).toEqual([0, '']);
      expect(server.records()).toMatchObject([{ kind: 'prompt', prompt: 'hi' }]);
      expect(endingMs(stdout)).toBeLessThan(2_000);
    },
  );

  it('ends within the deadline when the server is down, and awaiting it is no error', async () => {
    const { code, stdout } = await run('await processor.forceFlush();', down, {
      TRUBRICS_FLUSH_TIMEOUT_MS: '1500',
    });
    expect(code).toBe(0);
    expect(endingMs(stdout)).toBeLessThan(4_000);
  });

  it('ends at once when nobody waits and the server is down', async () => {
    const { code, stdout } = await run('', down);
    expect(code).toBe(0);
    expect(endingMs(stdout)).toBeLessThan(2_000);
  });
});

describe('a server that takes requests and never answers', () => {
  let hanging: Server;
  let host: string;

  beforeEach(async () => {
    hanging = createServer(() => undefined);
    await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
    host = `http://127.0.0.1:${(hanging.address() as AddressInfo).port}/api/ingestion`;
  });
  afterEach(() => {
    hanging.closeAllConnections();
    hanging.close();
  });

  it.each(['await processor.forceFlush();', 'await provider.shutdown();'])(
    'does not hold up the end of a script beyond the deadline of "%s"',
    async (ending) => {
      const { code, stdout } = await run(ending, host, { TRUBRICS_FLUSH_TIMEOUT_MS: '1000' });
      expect(code).toBe(0);
      expect(endingMs(stdout)).toBeLessThan(4_000);
    },
  );
});

describe('the built package', () => {
  it('works from CommonJS', async () => {
    const source = `
      const { TrubricsSpanProcessor } = require('opentelemetry-exporter-trubrics');
      const { TrubricsCallbackHandler } = require('opentelemetry-exporter-trubrics/langchain');
      const { jsonlFile } = require('opentelemetry-exporter-trubrics/node');
      const { startServer } = require('opentelemetry-exporter-trubrics/server');
      const { BasicTracerProvider } = require('@opentelemetry/sdk-trace-base');
      (async () => {
        const server = await startServer({ port: 0 });
        const processor = new TrubricsSpanProcessor({ host: server.ingestionUrl });
        const tracer = new BasicTracerProvider({ spanProcessors: [processor] }).getTracer('t');
        const span = tracer.startSpan('chat', { attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"hi"}]}]',
        } });
        span.end();
        await processor.forceFlush();
        const page = await fetch(server.url);
        console.log(server.records()[0].prompt, page.status, new TrubricsCallbackHandler().name, typeof jsonlFile);
        await server.close();
      })();
    `;
    const { code, stdout, stderr } = await runScript(source, { as: 'cjs' });
    expect([code, stdout.trim(), stderr]).toEqual([0, 'hi 200 trubrics function', '']);
  });

  it.each([
    ['opentelemetry-exporter-trubrics', ['@opentelemetry/api']],
    ['opentelemetry-exporter-trubrics/langchain', ['@opentelemetry/api']],
  ])('loads nothing but the OpenTelemetry API with %s', async (entry, allowed) => {
    // What CommonJS has loaded is all in the module cache, and the CommonJS build mirrors the ESM one.
    const source = `
      require('${entry}');
      const packages = Object.keys(require.cache).flatMap((file) => /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(file)?.[1] ?? []);
      console.log(JSON.stringify([...new Set(packages)]));
    `;
    const { stdout } = await runScript(source, { as: 'cjs' });
    expect(JSON.parse(stdout)).toEqual(allowed);
  });
});
