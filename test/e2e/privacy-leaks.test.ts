import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SimpleSpanProcessor, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import { AIMessage, HumanMessage } from '@langchain/core/messages';
import { fakeModel } from '@langchain/core/testing';
import { tool } from '@langchain/core/tools';
import { createAgent } from 'langchain';
import { beforeEach, describe, expect, test } from 'vitest';
import { TrubricsCallbackHandler, type ContentMode } from '../../src/langchain/index.js';
import { fileSpool, jsonlFile } from '../../src/node/index.js';
import type { TrubricsOptions } from '../../src/config/options.js';
import { trubricsIngestion } from '../../src/destinations/ingestion/ingestion.js';
import { redactPersonalData } from '../../src/records/privacy/redaction/redact-personal-data.js';
import { type CapturedLine, useDiag } from '../support/use-diag.js';
import type { ScriptedServer } from '../support/scripted-server.js';
import { useContextManager } from '../support/use-context-manager.js';
import { useFolder } from '../support/use-folder.js';
import { useProvider } from '../support/use-provider.js';
import { useScriptedServer } from '../support/use-scripted-server.js';

/** Words that occur in one place each. */
const PLANTED = {
  system: 'planted-system',
  prompt: 'planted-prompt',
  argument: 'planted-argument',
  result: 'planted-result',
  answer: 'planted-answer',
  exception: 'planted-exception',
} as const;

/** Personal data that stands next to each of these words. */
const PERSONAL = ['ada@example.com', '4111 1111 1111 1111', ['sk', 'proj', 'a1b2c3d4e5f6g7h8'].join('-')];
const personal = PERSONAL.join(' and ');

useContextManager();

let folder: string;
let server: ScriptedServer;
let otherBackend: ReadableSpan[];
let logged: readonly CapturedLine[];

beforeEach(async () => {
  folder = await useFolder();
  server = await useScriptedServer();
  otherBackend = [];
  logged = useDiag();
});

/** Runs an agent twice, whose messages, tool call and error all contain secrets, and sends feedback with one. */
async function talk(content: ContentMode, options: TrubricsOptions): Promise<void> {
  const keeper: SpanExporter = {
    export: (spans, resultCallback) => {
      otherBackend.push(...spans);
      resultCallback({ code: 0 });
    },
    shutdown: () => Promise.resolve(),
  };
  const { provider, processor } = useProvider(
    {
      destination: [
        trubricsIngestion({ host: server.url, allowInsecure: true, apiKey: 'key' }),
        jsonlFile({ path: join(folder, 'records.jsonl') }),
      ],
      systemPrompt: true,
      messages: 'all',
      flushAt: 20,
      flushTimeoutMs: 1_500,
      ...options,
    },
    { spanProcessors: [new SimpleSpanProcessor(keeper)] },
  );
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

/** Returns all output of the application: spans, log lines, requests and files. */
function everythingSent(): Record<'spans' | 'log' | 'http' | 'files', string> {
  const http = server.requests.map(({ headers, body }) => JSON.stringify(headers) + body).join('\n');
  return { spans: spansSent(), log: JSON.stringify(logged), http, files: filesWritten() };
}

const found = (text: string, words: readonly string[]) => words.filter((word) => text.includes(word));
const TEXTS = Object.values(PLANTED);

const GRANULARITIES = ['call', 'turn', 'both'] as const;

describe.each(GRANULARITIES)('with granularity %s', (granularity) => {
  test('content "span" puts the texts of an agent on spans and into records', async () => {
    await talk('span', { granularity });
    const { spans, http, files, log } = everythingSent();
    expect(found(spans, TEXTS)).toEqual(TEXTS);
    for (const ours of [http, files])
      expect(found(ours, [PLANTED.system, PLANTED.prompt, PLANTED.answer, PLANTED.result])).toHaveLength(4);
    expect(found(log, [...TEXTS, ...PERSONAL])).toEqual([]);
  });

  test('content "trubrics" puts no text where another exporter sees it: not on spans, events, tools', async () => {
    await talk('trubrics', { granularity });
    const { spans, http, files, log } = everythingSent();
    expect(found(spans, [...TEXTS, ...PERSONAL])).toEqual([]);
    for (const ours of [http, files])
      expect(found(ours, [PLANTED.system, PLANTED.prompt, PLANTED.answer])).toHaveLength(3);
    expect(found(log, [...TEXTS, ...PERSONAL])).toEqual([]);
  });

  test('content "none" puts the texts of an agent nowhere', async () => {
    await talk('none', { granularity });
    const { spans, http, files, log } = everythingSent();
    for (const place of [spans, log]) expect(found(place, [...TEXTS, ...PERSONAL])).toEqual([]);
    for (const ours of [http, files]) expect(found(ours, TEXTS)).toEqual([]);
  });

  test.each(['trubrics', 'none'] as const)(
    'content "%s" and redactPersonalData let no personal data out',
    async (content) => {
      await talk(content, { granularity, redact: redactPersonalData });
      for (const text of Object.values(everythingSent())) expect(found(text, PERSONAL)).toEqual([]);
    },
  );

  test('content "span" and redactPersonalData let no personal data into records, logs and files', async () => {
    await talk('span', { granularity, redact: redactPersonalData });
    const { http, files, log } = everythingSent();
    for (const text of [http, files, log]) expect(found(text, PERSONAL)).toEqual([]);
    expect(http).toContain('[email] and [card] and [secret]');
  });
});

test('records that wait on disk for a service that is down are redacted', async () => {
  server.follow(() => ({ status: 503, body: '{}' }));
  await talk('trubrics', {
    redact: redactPersonalData,
    spool: fileSpool({ dir: join(folder, 'spool') }),
  });
  const { files, log, spans } = everythingSent();
  expect(files).toContain(PLANTED.answer);
  for (const text of [files, log, spans]) expect(found(text, PERSONAL)).toEqual([]);
});

test('a text is redacted before it is cut, because half a card number is not recognised', async () => {
  await talk('trubrics', { redact: redactPersonalData, maxTextLength: PLANTED.prompt.length + 25 });
  const { http } = everythingSent();
  expect(http).toContain(`${PLANTED.prompt} [email] and [card]`.slice(0, PLANTED.prompt.length + 25));
  expect(http).not.toContain('4111');
});

test('a redact function that throws lets nothing out, not even its message', async () => {
  await talk('trubrics', {
    redact: (record) => {
      throw new Error(record.prompt);
    },
  });
  for (const text of Object.values(everythingSent()))
    expect(found(text, [...TEXTS, ...PERSONAL])).toEqual([]);
});
