import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { context, diag } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  SimpleSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import { AIMessage, HumanMessage } from '@langchain/core/messages';
import { fakeModel } from '@langchain/core/testing';
import { tool } from '@langchain/core/tools';
import { createAgent } from 'langchain';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TrubricsCallbackHandler, type ContentMode } from '../../src/langchain/index.js';
import { fileSpool, jsonlFile } from '../../src/node/index.js';
import type { TrubricsOptions } from '../../src/config/options.js';
import { TrubricsSpanProcessor } from '../../src/otel/processor.js';
import { trubricsIngestion } from '../../src/destinations/ingestion/ingestion.js';
import { redactPersonalData } from '../../src/records/privacy/redaction/redact-personal-data.js';
import { captureDiag, type CapturedLine } from '../support/captured-diag.js';

/** Words that stand in one place each. */
const PLANTED = {
  system: 'planted-system',
  prompt: 'planted-prompt',
  argument: 'planted-argument',
  result: 'planted-result',
  answer: 'planted-answer',
  exception: 'planted-exception',
} as const;

/** Personal data beside each of them. */
const PERSONAL = ['ada@example.com', '4111 1111 1111 1111', ['sk', 'proj', 'a1b2c3d4e5f6g7h8'].join('-')];
const personal = PERSONAL.join(' and ');

let folder: string;
let server: Server;
let bodies: string[];
let status: number;
let otherBackend: ReadableSpan[];
let logged: CapturedLine[];

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => context.disable());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'privacy-'));
  bodies = [];
  status = 200;
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      bodies.push(JSON.stringify(request.headers), body);
      response.writeHead(status).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  otherBackend = [];
  logged = captureDiag();
});
afterEach(() => {
  diag.disable();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
});

/** An agent that is told secrets, calls a tool with one, is answered with another, fails once and answers. */
async function talk(content: ContentMode, options: TrubricsOptions): Promise<void> {
  const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const processor = new TrubricsSpanProcessor({
    destination: [
      trubricsIngestion({ host, allowInsecure: true, apiKey: 'key' }),
      jsonlFile({ path: join(folder, 'records.jsonl') }),
    ],
    systemPrompt: true,
    flushTimeoutMs: 1_500,
    ...options,
  });
  const keeper: SpanExporter = {
    export: (spans, resultCallback) => {
      otherBackend.push(...spans);
      resultCallback({ code: 0 });
    },
    shutdown: () => Promise.resolve(),
  };
  const provider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(keeper), processor],
  });
  const callbacks = [new TrubricsCallbackHandler({ tracerProvider: provider, content, userId: 'user-1' })];
  const lookUp = tool(async () => `${PLANTED.result} ${personal}`, {
    name: 'look_up',
    description: 'Looks something up',
    schema: { type: 'object', properties: { q: { type: 'string' } }, required: ['q'] },
  });
  const model = fakeModel()
    .respond(
      new AIMessage({
        content: '',
        tool_calls: [{ id: '1', name: 'look_up', args: { q: `${PLANTED.argument} ${personal}` } }],
      }),
    )
    .respond(new AIMessage(`${PLANTED.answer} ${personal}`))
    .respond(new Error(`${PLANTED.exception} ${personal}`));
  const agent = createAgent({ model, tools: [lookUp], systemPrompt: `${PLANTED.system} ${personal}` });
  const ask = { messages: [new HumanMessage(`${PLANTED.prompt} ${personal}`)] };
  await agent.invoke(ask, { callbacks });
  await agent.invoke(ask, { callbacks }).catch(() => undefined);
  processor.trackFeedback({ threadId: 't', score: '👎', comment: `It said ${personal}` });
  await provider.shutdown();
}

function filesWritten(): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');
}

function spansSent(): string {
  return JSON.stringify(
    otherBackend.map(({ name, attributes, events, status, links, resource }) => ({
      name,
      attributes,
      events,
      status,
      links,
      resource: resource.attributes,
    })),
  );
}

/** Every place that bytes can leave by. */
function everythingSent(): Record<'spans' | 'log' | 'http' | 'files', string> {
  return { spans: spansSent(), log: JSON.stringify(logged), http: bodies.join('\n'), files: filesWritten() };
}

const found = (text: string, words: readonly string[]) => words.filter((word) => text.includes(word));
const TEXTS = Object.values(PLANTED);

const GRANULARITIES = ['call', 'turn', 'both'] as const;

describe.each(GRANULARITIES)('of the texts of an agent, with granularity %s,', (granularity) => {
  it('"span" puts them on spans and into records', async () => {
    await talk('span', { granularity });
    const { spans, http, files, log } = everythingSent();
    expect(found(spans, TEXTS)).toEqual(TEXTS);
    for (const ours of [http, files])
      expect(found(ours, [PLANTED.system, PLANTED.prompt, PLANTED.answer])).toHaveLength(3);
    expect(found(log, [...TEXTS, ...PERSONAL])).toEqual([]);
  });

  it('"trubrics" puts none where another exporter sees it: not on spans, events, tools', async () => {
    await talk('trubrics', { granularity });
    const { spans, http, files, log } = everythingSent();
    expect(found(spans, [...TEXTS, ...PERSONAL])).toEqual([]);
    for (const ours of [http, files])
      expect(found(ours, [PLANTED.system, PLANTED.prompt, PLANTED.answer])).toHaveLength(3);
    expect(found(log, [...TEXTS, ...PERSONAL])).toEqual([]);
  });

  it('"none" puts them nowhere', async () => {
    await talk('none', { granularity });
    const { spans, http, files, log } = everythingSent();
    for (const place of [spans, log]) expect(found(place, [...TEXTS, ...PERSONAL])).toEqual([]);
    for (const ours of [http, files]) expect(found(ours, TEXTS)).toEqual([]);
  });

  it.each(['trubrics', 'none'] as const)(
    '"%s" and redactPersonalData let no personal data out',
    async (content) => {
      await talk(content, { granularity, redact: redactPersonalData });
      for (const text of Object.values(everythingSent())) expect(found(text, PERSONAL)).toEqual([]);
    },
  );

  it('"span" and redactPersonalData let none out through us', async () => {
    await talk('span', { granularity, redact: redactPersonalData });
    const { http, files, log } = everythingSent();
    for (const text of [http, files, log]) expect(found(text, PERSONAL)).toEqual([]);
    expect(http).toContain('[email] and [card] and [secret]');
  });
});

it('what waits on disk for a service that is down was redacted before', async () => {
  status = 503;
  await talk('trubrics', {
    redact: redactPersonalData,
    spool: fileSpool({ dir: join(folder, 'spool') }),
  });
  const { files, log, spans } = everythingSent();
  expect(files).toContain(PLANTED.answer);
  for (const text of [files, log, spans]) expect(found(text, PERSONAL)).toEqual([]);
});

it('what is cut is redacted before: half a card number is no longer known as one', async () => {
  await talk('trubrics', { redact: redactPersonalData, maxTextLength: PLANTED.prompt.length + 25 });
  const { http } = everythingSent();
  expect(http).toContain(`${PLANTED.prompt} [email] and [card]`.slice(0, PLANTED.prompt.length + 25));
  expect(http).not.toContain('4111');
});

it('a redact that fails sends nothing and tells nothing', async () => {
  await talk('trubrics', {
    redact: (record) => {
      throw new Error(record.prompt);
    },
  });
  for (const text of Object.values(everythingSent()))
    expect(found(text, [...TEXTS, ...PERSONAL])).toEqual([]);
});
