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
  ATTR_TRUBRICS_ABORTED,
  ATTR_TRUBRICS_CACHED,
  ATTR_TRUBRICS_PROMPT_TEMPLATE,
  OPERATION_CHAT,
  OPERATION_TEXT_COMPLETION,
} from '../../common/semconv.js';
import { afterReportGrace, afterFirstChunkTimeout, isAbortSignal, watchAbort } from '../runs/abort-watch.js';
import { enterContext, isInsideRun, isSiblingPrompt } from '../runs/run-context.js';
import { recordsContent, writeContent, writeAttributesAndContent, setDefined } from '../runs/span-content.js';
import { textParts } from '../messages/content-parts.js';
import {
  choicesJson,
  type Conversation,
  conversationJson,
  promptJson,
} from '../messages/conversation-json.js';
import { endSpan, type SpanDescription, startRun, type Tracing } from '../runs/run-span.js';
import { failRun, isAbort, recordFailure, recordUnanswered } from './failure.js';
import type { OutputMessage } from '../messages/genai-message.js';
import { recordMetrics } from '../runs/model-metrics.js';
import { addPrompt } from '../runs/run-identity.js';
import { addServer, providerName } from './provider-attributes.js';
import { asArray, asRecord, asText } from '../../common/unknown-values.js';
import { readRequest } from './request-attributes.js';
import { type ModelResponse, readResponse } from './response-attributes.js';
import {
  isModelRun,
  type ModelRun,
  type ModelRunType,
  openRun,
  type Run,
  type RunStart,
} from '../runs/run.js';
import { readMetadata, type RunMetadata } from '../options/run-metadata.js';
import type { RunRegistry } from '../runs/run-registry.js';
import { toolDefinitions } from '../messages/tool-definitions.js';
import { addUsage } from './usage-attributes.js';

/** Starts the span of a chat model or text completion. LangChain reports each prompt as a run of its own. */
export function startModel(tracing: Tracing, start: RunStart<ModelRunType>, input: unknown): void {
  const active = context.active();
  const metadata = readMetadata(start.metadata);
  const attributes: Attributes = {};
  const request = readRequest(attributes, start.serialized, start.extraParams, metadata);
  const described = describeModel(start, request.model, metadata, attributes);
  const contentOf = (run: Run): Attributes => promptContent(run, asArray(input)[0], request.tools);
  const run = startRun(tracing, start, metadata, described, contentOf, active);
  writeStoredPrompt(run);
  watchSignal(tracing.registry, run, request.signal);
  // Another handler of the same run may have made its span active, which can be written to.
  if (tracing.settings.activate && run.span && !isInsideRun(active, run.id, run.span))
    activateRun(run, active, start.extraParams, request.batchSize);
}

/** Adds a token or chunk of a streamed answer. */
export function addToken(
  _registry: RunRegistry,
  run: Run,
  token: unknown,
  index: unknown,
  fields: unknown,
): void {
  if (!isModelRun(run)) return;
  run.partial.addUsage(asRecord(fields)['chunk']);
  // Keeps the text of the first choice only: it is used if the stream never ends.
  const choice = asRecord(index)['completion'] ?? 0;
  addChunk(run, choice === 0 ? token : '');
}

/** Adds a stream event. LangChain 1.x sends events instead of tokens if another handler of the call asked for them. */
export function addStreamEvent(_registry: RunRegistry, run: Run, value: unknown): void {
  const { event, delta } = asRecord(value);
  if (!isModelRun(run) || typeof event !== 'string' || !event.startsWith('content-block-')) return;
  run.partial.fromEvents = true;
  addChunk(run, asRecord(delta)['text']);
}

/** Ends the span of a model that answered. */
export function endModel(registry: RunRegistry, ended: Run, output: unknown, extraParams: unknown): void {
  const model = endModelRun(registry, ended);
  if (!model) return;
  endSpan(model, (span, run) => {
    if (!span.isRecording() && !run.dimensions) return;
    const answer = readResponse(output);
    try {
      // A cached answer used no tokens and was not streamed, although it repeats the usage of the first call.
      if (asRecord(extraParams)['cached'] === true) answer.attributes[ATTR_TRUBRICS_CACHED] = true;
      else addUsageAndTiming(run, answer);
    } finally {
      writeAttributesAndContent(run, answer.attributes, answerContent(run, answer.choices));
    }
  });
}

function addUsageAndTiming(
  run: ModelRun,
  { messages, llmOutput, streamed, attributes }: ModelResponse,
): void {
  const isStream = (streamed && !isSingleChunkResult(run, llmOutput)) || run.partial.fromEvents;
  addUsage(attributes, messages, llmOutput, run.partial);
  if (isStream) addStreamAttributes(attributes, run);
  recordMetrics(run, {
    responseModel: attributes[ATTR_GEN_AI_RESPONSE_MODEL],
    inputTokens: attributes[ATTR_GEN_AI_USAGE_INPUT_TOKENS],
    outputTokens: attributes[ATTR_GEN_AI_USAGE_OUTPUT_TOKENS],
    streamed: isStream,
  });
}

/** Returns true for a non-streamed answer that @langchain/google-vertexai reports as one chunk: it carries `finish_reason`. */
function isSingleChunkResult({ partial }: ModelRun, llmOutput: unknown): boolean {
  return partial.chunkCount <= 1 && asText(asRecord(llmOutput)['finish_reason']) !== undefined;
}

/** Ends the span of a model that failed, and records the part of the answer that had been streamed. */
export function failModel(registry: RunRegistry, failed: Run, error: unknown): void {
  if (!isModelRun(failed)) return failRun(registry, failed, error);
  const model = endModelRun(registry, failed);
  if (!model) return;
  endSpan(model, (span, run) => {
    const streamed = run.partial.chunkCount > 1;
    writePartialAnswer(run, 'error');
    span.setAttributes(streamAttributes(run, streamed));
    const errorType = recordFailure(span, run, error, run.signal?.aborted);
    if (isAbort(errorType)) span.setAttribute(ATTR_TRUBRICS_ABORTED, true);
    recordMetrics(run, { errorType, streamed });
  });
}

/** Ends the run of a stream that its reader left before the end. */
export function endLeftStream(registry: RunRegistry, run: Run): void {
  run.lastActivityMs = Date.now();
  if (isModelRun(run)) run.partial.addUnreportedChunk();
  // LangChain itself leaves a stream when its signal aborts, and then reports an error.
  afterReportGrace(() => registry.abandonStream(run));
}

/**
 * Ends the span of a model whose end was not reported. The end time is that of its last chunk. A call that was aborted without any text
 * has failed. A stream that was left may have had a chunk that was read but not reported.
 */
export function endAbandonedModel(run: ModelRun): void {
  run.stopWatching?.();
  endSpan(
    run,
    (span) => {
      span.setAttribute(ATTR_TRUBRICS_ABANDONED, true);
      span.setAttribute(ATTR_TRUBRICS_ABORTED, true);
      writePartialAnswer(run);
      const errorType =
        run.signal?.aborted === true && run.partial.isEmpty ? recordUnanswered(span) : undefined;
      const streamed = run.partial.chunkCount > 0;
      span.setAttributes(streamAttributes(run, streamed));
      recordMetrics(run, {
        errorType,
        streamed,
        endedAt: performance.now() - (Date.now() - run.lastActivityMs),
      });
    },
    run.lastActivityMs,
  );
}

function addChunk(run: ModelRun, text: unknown): void {
  run.lastActivityMs = Date.now();
  run.partial.add(typeof text === 'string' ? text : '');
}

function describeModel(
  { type, serialized }: RunStart<ModelRunType>,
  model: string | undefined,
  metadata: RunMetadata,
  attributes: Attributes,
): SpanDescription {
  const operation = type === 'chat_model' ? OPERATION_CHAT : OPERATION_TEXT_COMPLETION;
  attributes[ATTR_GEN_AI_OPERATION_NAME] = operation;
  attributes[ATTR_GEN_AI_PROVIDER_NAME] = providerName(metadata.provider, serialized);
  setDefined(attributes, ATTR_GEN_AI_REQUEST_MODEL, model);
  addServer(attributes, serialized);
  return {
    name: model === undefined ? operation : `${operation} ${model}`,
    kind: SpanKind.CLIENT,
    attributes,
  };
}

function writeStoredPrompt(run: ModelRun): void {
  const prompt = openRun(run.parent)?.storedPrompt;
  if (!prompt) return;
  const attributes: Attributes = {};
  addPrompt(attributes, prompt);
  run.span?.setAttributes(attributes);
}

function promptContent(run: Run, prompt: unknown, tools: unknown): Attributes {
  const { systemInstructions, messages }: Conversation =
    run.type === 'llm'
      ? { systemInstructions: undefined, messages: promptJson(prompt) }
      : conversationJson(prompt);
  const template = openRun(run.parent)?.promptTemplate;
  const content: Attributes = { [ATTR_GEN_AI_INPUT_MESSAGES]: messages };
  setDefined(content, ATTR_GEN_AI_SYSTEM_INSTRUCTIONS, systemInstructions);
  setDefined(content, ATTR_GEN_AI_TOOL_DEFINITIONS, toolDefinitions(tools));
  setDefined(content, ATTR_TRUBRICS_PROMPT_TEMPLATE, template);
  return content;
}

function answerContent(run: ModelRun, choices: readonly OutputMessage[]): Attributes | undefined {
  if (choices.length === 0 || !recordsContent(run)) return undefined;
  return { [ATTR_GEN_AI_OUTPUT_MESSAGES]: choicesJson(choices) };
}

function writePartialAnswer(run: ModelRun, reason?: string): void {
  const parts = textParts('text', run.partial.text);
  const content =
    parts.length > 0 ? answerContent(run, [{ role: 'assistant', parts, finish_reason: reason }]) : undefined;
  if (content) writeContent(run, content);
}

/**
 * Adds the attributes of a streamed answer. Callers cannot decide by the number of tokens: the packages of Google and Ollama, and cache
 * hits, report tokens for calls that do not stream.
 */
function addStreamAttributes(attributes: Attributes, { partial, startedAt }: ModelRun): void {
  attributes[ATTR_GEN_AI_REQUEST_STREAM] = true;
  if (partial.firstChunkAt !== undefined)
    attributes[ATTR_GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK] = (partial.firstChunkAt - startedAt) / 1_000;
}

function streamAttributes(run: ModelRun, streamed: boolean): Attributes {
  const attributes: Attributes = {};
  if (streamed) addStreamAttributes(attributes, run);
  return attributes;
}

function watchSignal(registry: RunRegistry, run: ModelRun, signal: unknown): void {
  if (!isAbortSignal(signal) || signal.aborted) return;
  run.signal = signal;
  run.stopWatching = watchAbort(signal, () => abandonIfSilent(registry, run));
}

/**
 * Ends an aborted run unless new chunks arrive, which show that its stream goes on. Waits longer if no chunk had arrived: then
 * LangChain nearly always reports the end itself.
 */
function abandonIfSilent(registry: RunRegistry, run: ModelRun): void {
  const { chunkCount } = run.partial;
  if (registry.find(run.id, run.tags) !== run) return;
  const wait = chunkCount === 0 ? afterFirstChunkTimeout : afterReportGrace;
  wait(() => {
    if (run.partial.chunkCount === chunkCount) registry.abandonStream(run);
    else abandonIfSilent(registry, run);
  });
}

function activateRun(run: ModelRun, active: Context, extraParams: unknown, batchSize: number): void {
  // The requests of several prompts are sent after the last start, concurrently: no single span is their parent.
  if (isSiblingPrompt(active, run.id, extraParams)) enterContext(run.outerContext);
  else if (batchSize <= 1) enterContext(run.context);
}

function endModelRun(registry: RunRegistry, run: Run): ModelRun | undefined {
  if (!registry.end(run)) return undefined;
  if (isModelRun(run)) {
    run.stopWatching?.();
    return run;
  }
  // An end that does not fit the start: the span must not stay open.
  run.span?.end();
  return undefined;
}
