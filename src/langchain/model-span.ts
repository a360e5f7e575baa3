import { type Attributes, context, SpanKind } from '@opentelemetry/api';
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
} from '../semconv.js';
import { afterGrace, afterPatience, isAbortSignal, watchAbort } from './abort-watch.js';
import { enterContext, isSiblingPrompt } from './active-run.js';
import { wantsContent, writeContent } from './content.js';
import { textParts } from './content-parts.js';
import { choicesJson, type Conversation, conversationJson, promptJson } from './conversation.js';
import { endWith } from './end-span.js';
import { recordFailure } from './failure.js';
import type { OutputMessage } from './message-part.js';
import { measure } from './metrics.js';
import { providerName, addServer } from './provider.js';
import { asArray, asNumber, asRecord, asText } from './read.js';
import { addRequestParameters, requestModel } from './request.js';
import { type Answer, readAnswer } from './response.js';
import type { Run, RunStart } from './run.js';
import type { RunRegistry } from './run-registry.js';
import { setKnown } from './set-known.js';
import { type SpanDescription, startRun, type Tracing } from './start-run.js';
import { toolDefinitions } from './tool-definitions.js';
import { addUsage, usageAtStart } from './usage.js';

interface Watch {
  readonly signal: AbortSignal;
  readonly stop: () => void;
}

/** The signals of open runs. */
const watches = new WeakMap<Run, Watch>();

/** A chat model or a text completion begins. LangChain reports every prompt as a run of its own. */
export function startModel(tracing: Tracing, start: RunStart, input: unknown): void {
  const active = context.active();
  const run = startRun(tracing, start, () => describeModel(start), active);
  writePrompt(tracing.registry, run, asArray(input)[0], start.extraParams);
  watchSignal(tracing.registry, run, start.extraParams);
  if (tracing.settings.activate && run.span)
    activate(run, start, isSiblingPrompt(active, run.id, start.extraParams));
}

/** A piece of a streamed answer has arrived. */
export function addChunk(run: Run | undefined, token: unknown, choice: unknown, chunk: unknown): void {
  if (!run?.partial) return;
  run.lastHeardMs = Date.now();
  const { partial } = run;
  if (partial.chunks === 0) partial.usageAtStart = usageAtStart(asRecord(chunk)['message']);
  // Of several choices, one is enough for an answer that is never finished.
  partial.add(typeof token === 'string' && (choice ?? 0) === 0 ? token : '');
}

/** The same, where a handler beside this one has asked LangChain 1.x for events in the place of tokens. */
export function addStreamEvent(run: Run | undefined, event: unknown): void {
  const { event: name, delta } = asRecord(event);
  if (!run?.partial || typeof name !== 'string' || !name.startsWith('content-block-')) return;
  run.partial.byEvents = true;
  addChunk(run, asRecord(delta)['text'], 0, undefined);
}

/** A model has answered. */
export function endModel(registry: RunRegistry, runId: string, output: unknown, extraParams: unknown): void {
  endWith(takeRun(registry, runId), (span, run) => {
    if (!span.isRecording() && !run.dimensions) return;
    const answer = readAnswer(output);
    writeAnswer(run, answer.choices);
    // Nothing was used and nothing streamed for a cached answer, whatever it says itself.
    if (asRecord(extraParams)['cached'] === true) answer.attributes[ATTR_TRUBRICS_CACHED] = true;
    else addCost(run, answer);
    span.setAttributes(answer.attributes);
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
  const open = registry.get(runId);
  const aborted = open && watches.get(open)?.signal.aborted;
  endWith(takeRun(registry, runId), (span, run) => {
    const streamed = (run.partial?.chunks ?? 0) > 1;
    writePartialAnswer(run, 'error');
    span.setAttributes(streamAttributes(run, streamed));
    measure(run, { errorType: recordFailure(span, run, error, aborted), streamed });
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
  stopWatching(run);
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

function describeModel(start: RunStart): SpanDescription {
  const { serialized, extraParams, metadata } = start;
  const operation = start.type === 'chat_model' ? OPERATION_CHAT : OPERATION_TEXT_COMPLETION;
  const model = requestModel(serialized, extraParams, metadata);
  const attributes: Attributes = {
    [ATTR_GEN_AI_OPERATION_NAME]: operation,
    [ATTR_GEN_AI_PROVIDER_NAME]: providerName(serialized, metadata),
  };
  if (model !== undefined) attributes[ATTR_GEN_AI_REQUEST_MODEL] = model;
  addServer(attributes, serialized);
  addRequestParameters(attributes, extraParams, metadata, serialized);
  return {
    name: model === undefined ? operation : `${operation} ${model}`,
    kind: SpanKind.CLIENT,
    attributes,
  };
}

function writePrompt(registry: RunRegistry, run: Run, prompt: unknown, extraParams: unknown): void {
  if (!wantsContent(run)) return;
  const { systemInstructions, messages }: Conversation =
    run.type === 'llm'
      ? { systemInstructions: undefined, messages: promptJson(prompt) }
      : conversationJson(prompt);
  const template = run.parentRunId === undefined ? undefined : registry.get(run.parentRunId)?.promptTemplate;
  const content: Attributes = { [ATTR_GEN_AI_INPUT_MESSAGES]: messages };
  setKnown(content, ATTR_GEN_AI_SYSTEM_INSTRUCTIONS, systemInstructions);
  setKnown(content, ATTR_GEN_AI_TOOL_DEFINITIONS, toolDefinitions(extraParams));
  setKnown(content, ATTR_TRUBRICS_PROMPT_TEMPLATE, template);
  writeContent(run, content);
}

function writeAnswer(run: Run, choices: readonly OutputMessage[]): void {
  if (choices.length > 0 && wantsContent(run))
    writeContent(run, { [ATTR_GEN_AI_OUTPUT_MESSAGES]: choicesJson(choices) });
}

function writePartialAnswer(run: Run, reason?: string): void {
  const parts = textParts('text', run.partial?.text);
  if (parts.length > 0)
    writeAnswer(run, [{ role: 'assistant', parts, ...(reason && { finish_reason: reason }) }]);
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

function watchSignal(registry: RunRegistry, run: Run, extraParams: unknown): void {
  const { signal } = asRecord(asRecord(extraParams)['options']);
  if (!isAbortSignal(signal) || signal.aborted) return;
  watches.set(run, { signal, stop: watchAbort(signal, () => abandonIfSilent(registry, run)) });
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

function activate(run: Run, start: RunStart, sibling: boolean): void {
  // The requests of several prompts run side by side after the last start: they belong to none of the spans.
  const several = sibling || (asNumber(asRecord(start.extraParams)['batch_size']) ?? 1) > 1;
  if (!several) enterContext(run.context);
  else if (sibling) enterContext(run.outerContext);
}

function takeRun(registry: RunRegistry, runId: string): Run | undefined {
  const run = registry.end(runId);
  if (run) stopWatching(run);
  return run;
}

function stopWatching(run: Run): void {
  watches.get(run)?.stop();
  watches.delete(run);
}
