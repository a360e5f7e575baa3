import { loadCaptures, type Capture, type ExpectedCall } from '../support/captures.js';
import { loadStrangers, type ExpectedRecord } from '../support/strangers.js';
import { SWITCHES, UNCAPTURED } from './switches.js';

/** Display names, by the library name of a capture. A library without one is shown under the latter. */
const NAMES: Readonly<Record<string, string>> = {
  'anthropic-sdk-native': 'Anthropic SDK, own spans (`@anthropic-ai/sdk`)',
  'azure-rest-ai-inference': 'Azure AI Inference (`@azure-rest/ai-inference`)',
  'braintrust-attributes': 'Braintrust',
  'elastic-instrumentation-openai': 'Elastic, OpenAI (`@elastic/opentelemetry-instrumentation-openai`)',
  genkit: 'Genkit',
  'genkit-live': 'Firebase Genkit, without a flow around the call',
  'google-adk': 'Google ADK',
  'laminar-lmnr': 'Laminar (`@lmnr-ai/lmnr`)',
  'langchain-handler-openinference': 'Our handler beside OpenInference, LangChain',
  'langfuse-openai': 'Langfuse, OpenAI (`@langfuse/openai`)',
  'langfuse-tracing': 'Langfuse, by hand (`@langfuse/tracing`)',
  'langfuse-vercel-5.11.1-on-ai': 'AI SDK with Langfuse (`@langfuse/vercel-ai-sdk` 5.11.1)',
  'langsmith-otel': 'LangSmith (OpenTelemetry)',
  langtrace: 'Langtrace',
  langwatch: 'LangWatch (`langwatch`)',
  'litellm-pair': 'LiteLLM',
  'livekit-agents': 'LiveKit Agents (`@livekit/agents`)',
  'logfire-openai-streaming-pair': 'Logfire',
  'mastra-bridge': 'Mastra (`@mastra/otel-bridge`)',
  mastra: 'Mastra',
  'mistral-sdk-native': 'Mistral SDK, own spans (`@mistralai/mistralai`)',
  'openinference-instrumentation-anthropic': 'OpenInference, Anthropic',
  'openinference-instrumentation-bedrock': 'OpenInference, Bedrock',
  'openinference-instrumentation-openai': 'OpenInference, OpenAI',
  'openinference-openai-agents': 'OpenAI Agents with OpenInference (`@openai/agents`)',
  'openinference-text-completion': 'OpenInference, text completion',
  'openinference-vercel-2.8.1-on-ai': 'AI SDK with OpenInference (`openinference-vercel` 2.8.1)',
  'openinference-vercel-3.2.1-on-ai': 'AI SDK with OpenInference (`openinference-vercel` 3.2.1)',
  'openlit-anthropic': 'OpenLIT, Anthropic',
  openlit: 'OpenLIT',
  'otel-instrumentation-openai': 'OpenTelemetry, OpenAI (`@opentelemetry/instrumentation-openai`)',
  'pydantic-ai-v5': 'Pydantic AI',
  'semconv-1.37-details-event': 'GenAI conventions 1.37, details event',
  'sentry-node': 'Sentry (`@sentry/node`)',
  'sentry-node-on-ai6': 'AI SDK 6 with Sentry (`@sentry/node`)',
  'strands-agents-ts': 'Strands Agents (TypeScript)',
  'tanstack-ai': 'TanStack AI',
  'traceloop-0.22.8-on-ai': 'AI SDK with OpenLLMetry 0.22.8',
  'traceloop-0.27.0-on-ai': 'AI SDK with OpenLLMetry 0.27.0',
  'traceloop-instrumentation-cohere': 'OpenLLMetry, Cohere',
  'traceloop-llamaindex': 'LlamaIndex.TS with OpenLLMetry',
  'traceloop-node-server-sdk': 'OpenLLMetry (`@traceloop/node-server-sdk`)',
  'vercel-ai-sdk': 'Vercel AI SDK',
  'vercel-ai-sdk-legacyotel': 'Vercel AI SDK with `LegacyOpenTelemetry`',
  'voltagent-live': 'VoltAgent',
};

/** Captures of a library with other limits or in other surroundings, and the library whose row they belong to. */
const VARIANTS: Readonly<Record<string, string>> = {
  'google-adk-live': 'google-adk',
  'strands-agents-ts-live': 'strands-agents-ts',
  'vercel-ai-sdk-truncated160': 'vercel-ai-sdk',
};

/** Fields that tests compare with the ground truth, in the order of the table. */
const FIELDS = {
  prompt: 'prompt',
  generation: 'answer',
  systemPrompt: 'system prompt',
  toolCalls: 'tool calls',
  model: 'requested model',
  responseModel: 'answering model',
  inputTokens: 'tokens',
  cachedInputTokens: 'cached tokens',
  finishReason: 'finish reason',
  userId: 'user',
  threadId: 'thread',
  tags: 'tags',
} as const satisfies Partial<Record<keyof ExpectedCall, string>>;

type Field = keyof typeof FIELDS;

/** `contentLocation` of a capture whose messages are in log records. */
const IN_LOG_RECORDS = 'log-events';
/** `contentLocation` of a capture whose content was switched off, which says nothing about the library. */
const NOT_ASKED_FOR = 'none';

/**
 * Returns the table of `docs/compatibility.md`, in Markdown: which libraries were captured, what is read from their calls, and what they do not record.
 * `test/reading/captures.test.ts` compares all of it with the ground truth.
 */
export function compatibilityTable(): string {
  const captures = loadCaptures().filter((capture) => capture.calls.length > 0);
  const rows = [...new Set(captures.map(libraryOf))]
    .map((library) =>
      toRow(
        library,
        captures.filter((capture) => libraryOf(capture) === library),
      ),
    )
    .concat(UNCAPTURED.map((library) => toUncapturedRow(library)))
    .toSorted(([a], [b]) => a.localeCompare(b, 'en'));
  return [
    ['Library', 'Captured', 'Switch', 'Cases', 'Read', 'Not recorded by the library'],
    ['---', '---', '---', '---', '---', '---'],
    ...rows,
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

type Row = [name: string, versions: string, needs: string, cases: string, read: string, missing: string];

/** Names of {@link ExpectedRecord}, in the words and the order of the table. */
const RECORD_FIELDS = {
  prompt: 'prompt',
  generation: 'answer',
  system: 'system prompt',
  toolCalls: 'tool calls',
  model: 'model',
  inputTokens: 'tokens',
  cacheRead: 'cached tokens',
  finishReason: 'finish reason',
  userId: 'user',
  threadId: 'thread',
} as const satisfies Partial<Record<keyof ExpectedRecord, string>>;

function toUncapturedRow({ name, needs, fixtures }: (typeof UNCAPTURED)[number]): Row {
  const records = loadStrangers()
    .filter((stranger) => fixtures.includes(stranger.name))
    .flatMap((stranger) => stranger.records);
  const compared = Object.entries(RECORD_FIELDS).filter(([field]) =>
    records.some((record) => isTrue(record[field as keyof ExpectedRecord])),
  );
  const read = compared.map(([, word]) => word).join(', ');
  return [name, 'from its source', needs, 'chat', read, 'not known'];
}

function toRow(library: string, captures: readonly Capture[]): Row {
  const content = captures.filter((capture) => capture.contentLocation !== NOT_ASKED_FOR);
  const fields = Object.keys(FIELDS) as Field[];
  const read = fields.filter((field) => content.some((capture) => isRead(field, capture)));
  const missing = fields.filter((field) => content.some((capture) => isMissing(field, capture)));
  const fromLogs = captures.some((capture) => capture.contentLocation === IN_LOG_RECORDS);
  return [
    NAMES[library] ?? library,
    versionsOf(captures),
    SWITCHES[library] ?? '',
    casesOf(captures),
    read.map((field) => FIELDS[field]).join(', ') + (fromLogs ? ' (messages from log records)' : ''),
    missing.map((field) => FIELDS[field] + (read.includes(field) ? ' (not always)' : '')).join(', ') ||
      'nothing missing in these',
  ];
}

function libraryOf(capture: Capture): string {
  return VARIANTS[capture.library] ?? capture.library;
}

function versionsOf(captures: readonly Capture[]): string {
  const versions = new Set(captures.flatMap((capture) => capture.version ?? []));
  const sorted = [...versions].toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return sorted.join(', ') || 'from its documentation';
}

/** The cases that were captured. Without them, the table would promise more than was tested. */
const CASES: readonly (readonly [string, (call: ExpectedCall) => boolean])[] = [
  ['chat', (call) => call.toolCalls.length === 0 && !call.streaming && !call.error],
  ['stream', (call) => call.streaming && !call.error],
  ['tool calls', (call) => call.toolCalls.length > 0],
  ['several choices', (call) => (call.choices?.length ?? 0) > 1],
  ['error', (call) => Boolean(call.error)],
];

function casesOf(captures: readonly Capture[]): string {
  const calls = captures.flatMap((capture) => capture.calls);
  return CASES.filter(([, isCase]) => calls.some((call) => isCase(call)))
    .map(([name]) => name)
    .join(', ');
}

function isRead(field: Field, capture: Capture): boolean {
  return capture.calls.some(
    (call) => isTrue(call[field]) && (!isLost(field, call) || isLogged(field, capture)),
  );
}

function isMissing(field: Field, capture: Capture): boolean {
  return (
    !isLogged(field, capture) && capture.calls.some((call) => isTrue(call[field]) && isLost(field, call))
  );
}

/** Returns whether messages that the span lacks are joined from its log records. */
function isLogged(field: Field, capture: Capture): boolean {
  const isContent = ['prompt', 'generation', 'systemPrompt', 'toolCalls'].includes(field);
  return isContent && capture.contentLocation === IN_LOG_RECORDS;
}

function isLost(field: Field, call: ExpectedCall): boolean {
  return call.notRecorded?.includes(field) ?? false;
}

/** Returns whether the ground truth has a value. */
function isTrue(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== '';
}
