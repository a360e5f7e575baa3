import { type Attributes, type Context, context, SpanKind } from '@opentelemetry/api';
import {
  ATTR_GEN_AI_INPUT_MESSAGES,
  ATTR_GEN_AI_OPERATION_NAME,
  ATTR_GEN_AI_OUTPUT_MESSAGES,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_REQUEST_MODEL,
  ATTR_GEN_AI_REQUEST_STREAM,
  ATTR_GEN_AI_RESPONSE_MODEL,
  ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
  ATTR_GEN_AI_SYSTEM_INSTRUCTIONS,
  ATTR_GEN_AI_TOOL_DEFINITIONS,
  ATTR_GEN_AI_USAGE_INPUT_TOKENS,
  ATTR_GEN_AI_USAGE_OUTPUT_TOKENS,
  ATTR_TRUBRICS_ABANDONED,
  ATTR_TRUBRICS_CACHED,
  ATTR_TRUBRICS_PROMPT_TEMPLATE,
  OPERATION_CHAT,
  OPERATION_TEXT_COMPLETION,
} from '../../common/semconv.js';
import { afterGrace, afterPatience, isAbortSignal, watchAbort } from '../runs/abort-watch.js';
import { enterContext, isSiblingPrompt } from '../runs/run-context.js';
import { wantsContent, writeContent, writeWithContent, setKnown } from './span-content.js';
import { textParts } from '../messages/content-parts.js';
import {
  choicesJson,
  type Conversation,
  conversationJson,
  promptJson,
} from '../messages/conversation-json.js';
import { endWith, type SpanDescription, startRun, type Tracing } from '../runs/run-span.js';
import { recordFailure } from './failure.js';
import type { OutputMessage } from '../messages/genai-message.js';
import { measure } from '../runs/model-metrics.js';
import type { PartialAnswer } from '../runs/partial-answer.js';
import { addServer, providerName } from './provider-attributes.js';
import { asArray, asRecord, asText } from '../../common/unknown-values.js';
import { readRequest } from './request-attributes.js';
import { type Answer, readAnswer } from './response-attributes.js';
import type { Run, RunStart } from '../runs/run.js';
import { readMetadata, type RunMetadata } from '../options/run-metadata.js';
import type { RunRegistry } from '../runs/run-registry.js';
import { toolDefinitions } from '../messages/tool-definitions.js';
import { addUsage, usageAtStart } from './usage-attributes.js';

/** A chat model or a text completion begins. LangChain reports every prompt as a run of its own. */
export function startModel(tracing: Tracing, start: RunStart, input: unknown): void {
  const active = context.active();
  const metadata = readMetadata(start.metadata);
  const attributes: Attributes = {};
  const request = readRequest(attributes, start.serialized, start.extraParams, metadata);
  const described = describeModel(start, request.model, metadata, attributes);
  const run = startRun(tracing, start, metadata, described, active);
  writePrompt(tracing.registry, run, asArray(input)[0], request.tools);
  watchSignal(tracing.registry, run, request.signal);
  if (tracing.settings.activate && run.span) activate(run, active, start.extraParams, request.batchSize);
}

/** A piece of a streamed answer has arrived. */
export function addToken(
  registry: RunRegistry,
  runId: string,
  token: unknown,
  index: unknown,
  fields: unknown,
): void {
  const run = registry.get(runId);
  if (!run?.partial) return;
  if (run.partial.chunks === 0)
    run.partial.usageAtStart = usageAtStart(asRecord(asRecord(fields)['chunk'])['message']);
  // Of several choices, one is enough for an answer that is never finished.
  const choice = asRecord(index)['completion'] ?? 0;
  addChunk(run, run.partial, choice === 0 ? token : '');
}

/** The same, where a handler beside this one has asked LangChain 1.x for events in the place of tokens. */
export function addStreamEvent(registry: RunRegistry, runId: string, value: unknown): void {
  const run = registry.get(runId);
  const { event, delta } = asRecord(value);
  if (!run?.partial || typeof event !== 'string' || !event.startsWith('content-block-')) return;
  run.partial.byEvents = true;
  addChunk(run, run.partial, asRecord(delta)['text']);
}

/** A model has answered. */
export function endModel(registry: RunRegistry, runId: string, output: unknown, extraParams: unknown): void {
  endWith(takeRun(registry, runId), (span, run) => {
    if (!span.isRecording() && !run.dimensions) return;
    const answer = readAnswer(output);
    try {
      // Nothing was used and nothing streamed for a cached answer, whatever it says itself.
      if (asRecord(extraParams)['cached'] === true) answer.attributes[ATTR_TRUBRICS_CACHED] = true;
      else addCost(run, answer);
    } finally {
      writeWithContent(run, answer.attributes, contentOf(run, answer.choices));
    }
  });
}

/** What the answer took: tokens and time. */
function addCost(run: Run, { messages, llmOutput, streamed, attributes }: Answer): void {
  const isStream = (streamed && !isWhole(run, llmOutput)) || run.partial?.byEvents === true;
  addUsage(attributes, messages, llmOutput, run.partial?.usageAtStart);
  if (isStream) addStream(attributes, run);
  measure(run, {
    responseModel: attributes[ATTR_GEN_AI_RESPONSE_MODEL],
    inputTokens: attributes[ATTR_GEN_AI_USAGE_INPUT_TOKENS],
    outputTokens: attributes[ATTR_GEN_AI_USAGE_OUTPUT_TOKENS],
    streamed: isStream,
  });
}

/** The package for Vertex AI makes a chunk of an answer that it got at once, and tells with it why the model stopped. */
function isWhole({ partial }: Run, llmOutput: unknown): boolean {
  return (partial?.chunks ?? 0) <= 1 && asText(asRecord(llmOutput)['finish_reason']) !== undefined;
}

/** A model has failed, perhaps in the middle of its answer. */
export function failModel(registry: RunRegistry, runId: string, error: unknown): void {
  endWith(takeRun(registry, runId), (span, run) => {
    const streamed = (run.partial?.chunks ?? 0) > 1;
    writePartialAnswer(run, 'error');
    span.setAttributes(streamAttributes(run, streamed));
    measure(run, { errorType: recordFailure(span, run, error, run.signal?.aborted), streamed });
  });
}

/** A piece of the answer is handed to whoever reads it. */
export function noteRead(run: Run | undefined, text: string): void {
  run?.partial?.noteRead(text);
}

/** Whoever read what the run streams has left before its end. */
export function leaveStream(registry: RunRegistry, runId: string): void {
  const run = registry.get(runId);
  if (!run) return;
  run.lastHeardMs = Date.now();
  run.partial?.addUnreported();
  // LangChain leaves a stream, too, when its signal aborts: it then has an error to tell.
  afterGrace(() => registry.abandonStream(runId));
}

/** A model was never heard of again: the last chunk ended the answer, not the moment at which that was noticed. */
export function endAbandonedModel(run: Run): void {
  run.stopWatching?.();
  endWith(
    run,
    (span) => {
      span.setAttribute(ATTR_TRUBRICS_ABANDONED, true);
      writePartialAnswer(run);
      const streamed = (run.partial?.chunks ?? 0) > 0;
      span.setAttributes(streamAttributes(run, streamed));
      measure(run, { streamed, endedAt: performance.now() - (Date.now() - run.lastHeardMs) });
    },
    run.lastHeardMs,
  );
}

function addChunk(run: Run, partial: PartialAnswer, text: unknown): void {
  run.lastHeardMs = Date.now();
  partial.add(typeof text === 'string' ? text : '');
}

function describeModel(
  { type, serialized }: RunStart,
  model: string | undefined,
  metadata: RunMetadata,
  attributes: Attributes,
): SpanDescription {
  const operation = type === 'chat_model' ? OPERATION_CHAT : OPERATION_TEXT_COMPLETION;
  attributes[ATTR_GEN_AI_OPERATION_NAME] = operation;
  attributes[ATTR_GEN_AI_PROVIDER_NAME] = providerName(metadata.provider, serialized);
  setKnown(attributes, ATTR_GEN_AI_REQUEST_MODEL, model);
  addServer(attributes, serialized);
  return {
    name: model === undefined ? operation : `${operation} ${model}`,
    kind: SpanKind.CLIENT,
    attributes,
  };
}

function writePrompt(registry: RunRegistry, run: Run, prompt: unknown, tools: unknown): void {
  if (!wantsContent(run)) return;
  const { systemInstructions, messages }: Conversation =
    run.type === 'llm'
      ? { systemInstructions: undefined, messages: promptJson(prompt) }
      : conversationJson(prompt);
  const template = run.parentRunId === undefined ? undefined : registry.get(run.parentRunId)?.promptTemplate;
  const content: Attributes = { [ATTR_GEN_AI_INPUT_MESSAGES]: messages };
  setKnown(content, ATTR_GEN_AI_SYSTEM_INSTRUCTIONS, systemInstructions);
  setKnown(content, ATTR_GEN_AI_TOOL_DEFINITIONS, toolDefinitions(tools));
  setKnown(content, ATTR_TRUBRICS_PROMPT_TEMPLATE, template);
  writeContent(run, content);
}

function contentOf(run: Run, choices: readonly OutputMessage[]): Attributes | undefined {
  if (choices.length === 0 || !wantsContent(run)) return undefined;
  return { [ATTR_GEN_AI_OUTPUT_MESSAGES]: choicesJson(choices) };
}

function writePartialAnswer(run: Run, reason?: string): void {
  const parts = textParts('text', run.partial?.text);
  const choice: OutputMessage = { role: 'assistant', parts, ...(reason && { finish_reason: reason }) };
  const content = parts.length > 0 ? contentOf(run, [choice]) : undefined;
  if (content) writeContent(run, content);
}

/** LangChain sends tokens also where nobody streams: the packages of Google and Ollama, and cache hits. */
function addStream(attributes: Attributes, { partial, startedAt }: Run): void {
  attributes[ATTR_GEN_AI_REQUEST_STREAM] = true;
  if (partial?.firstChunkAt !== undefined)
    attributes[ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK] = (partial.firstChunkAt - startedAt) / 1_000;
}

function streamAttributes(run: Run, streamed: boolean): Attributes {
  const attributes: Attributes = {};
  if (streamed) addStream(attributes, run);
  return attributes;
}

function watchSignal(registry: RunRegistry, run: Run, signal: unknown): void {
  if (!isAbortSignal(signal) || signal.aborted) return;
  run.signal = signal;
  run.stopWatching = watchAbort(signal, () => abandonIfSilent(registry, run));
}

/** With new chunks since the abort the stream goes on. Without any LangChain nearly always has an end to tell. */
function abandonIfSilent(registry: RunRegistry, run: Run): void {
  const { chunks = 0 } = run.partial ?? {};
  if (registry.get(run.id) !== run) return;
  const wait = chunks === 0 ? afterPatience : afterGrace;
  wait(() => {
    if (run.partial?.chunks === chunks) registry.abandonStream(run.id);
    else abandonIfSilent(registry, run);
  });
}

function activate(run: Run, active: Context, extraParams: unknown, batchSize: number): void {
  const sibling = isSiblingPrompt(active, run.id, extraParams);
  // The requests of several prompts run side by side after the last start: they belong to none of the spans.
  if (sibling) enterContext(run.outerContext);
  else if (batchSize <= 1) enterContext(run.context);
}

function takeRun(registry: RunRegistry, runId: string): Run | undefined {
  const run = registry.end(runId);
  run?.stopWatching?.();
  return run;
}
