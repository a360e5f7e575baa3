import { expect, test } from 'vitest';
import { runScript } from '../support/run-as-user.js';
import { closedPort } from '../support/scripted-server.js';
import { useOpenAiServer } from '../support/use-openai-server.js';
import { useScriptedServer } from '../support/use-scripted-server.js';
import { useServer } from '../support/use-server.js';

/** Returns the source of an application that calls a model once and then runs `ending`. */
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

async function run(ending: string, host: string, env: Record<string, string> = {}) {
  const openai = await useOpenAiServer();
  const environment = { TRUBRICS_HOST: host, OPENAI_BASE_URL: openai.url, OPENAI_API_KEY: 'k', ...env };
  return runScript(application(ending), { env: environment, timeoutMs: 15_000 });
}

async function unreachableHost(): Promise<string> {
  return `http://127.0.0.1:${await closedPort()}/api/ingestion`;
}

/** Returns the milliseconds from the answer of the model to the end of the process. */
function endingMs(stdout: string): number {
  const [called, exit] = [...stdout.matchAll(/(?:called|exit) (\d+)/g)].map((match) => Number(match[1]));
  return (exit ?? Number.NaN) - (called ?? Number.NaN);
}

test.each(['await processor.forceFlush();', 'await provider.forceFlush();', 'await provider.shutdown();'])(
  'a script that ends with "%s" has delivered its record and ends at once',
  async (ending) => {
    const server = await useServer();
    const { code, stdout, stderr } = await run(ending, server.ingestionUrl);
    expect([code, stderr]).toEqual([0, '']);
    expect(server.records()).toMatchObject([{ kind: 'prompt', prompt: 'hi' }]);
    expect(endingMs(stdout)).toBeLessThan(2_000);
  },
);

test('a script that awaits a flush ends in time and without an error when the server is down', async () => {
  const { code, stdout } = await run('await processor.forceFlush();', await unreachableHost(), {
    TRUBRICS_FLUSH_TIMEOUT_MS: '1500',
  });
  expect(code).toBe(0);
  expect(endingMs(stdout)).toBeLessThan(4_000);
});

test('a script that awaits nothing ends at once when the server is down', async () => {
  const { code, stdout } = await run('', await unreachableHost());
  expect(code).toBe(0);
  expect(endingMs(stdout)).toBeLessThan(2_000);
});

test.each(['await processor.forceFlush();', 'await provider.shutdown();'])(
  'a server that never answers does not hold up a script beyond the deadline of "%s"',
  async (ending) => {
    const hanging = await useScriptedServer(() => 'hang');
    const { code, stdout } = await run(ending, `${hanging.url}/api/ingestion`, {
      TRUBRICS_FLUSH_TIMEOUT_MS: '1000',
    });
    expect(code).toBe(0);
    expect(endingMs(stdout)).toBeLessThan(4_000);
  },
);

test('the built package works from CommonJS', async () => {
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

test.each([
  ['opentelemetry-exporter-trubrics', ['@opentelemetry/api']],
  ['opentelemetry-exporter-trubrics/langchain', ['@opentelemetry/api']],
])('the entry %s loads nothing but the OpenTelemetry API', async (entry, allowed) => {
  // The module cache lists all that CommonJS has loaded, and the CommonJS build has the same modules as the ESM one.
  const source = `
      require('${entry}');
      const packages = Object.keys(require.cache).flatMap((file) => /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(file)?.[1] ?? []);
      console.log(JSON.stringify([...new Set(packages)]));
    `;
  const { stdout } = await runScript(source, { as: 'cjs' });
  expect(JSON.parse(stdout)).toEqual(allowed);
});
