import type { LlmCall } from '../reading/llm-call.js';
import { cutText } from './cut-text.js';
import type { ResolvedIdentity } from './identity.js';
import { fill, propertiesOf } from './properties.js';
import type { PromptRecord, TrackedEvent } from './prompt-record.js';
import { generationOf, promptOf } from './text.js';
import { wellFormed } from './well-formed.js';

/** How records are written. */
export interface RecordSettings {
  /** Characters of prompt and generation that are kept. */
  readonly maxTextLength: number;
  /** Whether the property `system_prompt` is written. */
  readonly systemPrompt: boolean;
  /** Put before the call's own tags. */
  readonly tags: readonly string[];
  /** Added to every record; the call's own metadata wins. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Name of the event that a failed call becomes. */
export const LLM_ERROR_EVENT = 'LLM error';

/** The record of one call. Pure. */
export function toPromptRecord(
  call: LlmCall,
  identity: ResolvedIdentity,
  settings: RecordSettings,
  ambient: {
    readonly tags?: readonly string[];
    readonly properties?: Readonly<Record<string, unknown>>;
  } = {},
): PromptRecord {
  const prompt = limit(promptOf(call), settings.maxTextLength);
  const generation = limit(generationOf(call), settings.maxTextLength);
  const cut = prompt.cut || generation.cut;
  return {
    id: `${call.traceId}-${call.spanId}`,
    userId: wellFormed(identity.userId),
    ...(identity.threadId !== undefined && { threadId: wellFormed(identity.threadId) }),
    prompt: prompt.text,
    generation: generation.text,
    assistantId: call.responseModel ?? call.requestModel ?? 'unknown',
    timestamp: toTimestamp(call.endTimeMs),
    latency: Math.max(0, Math.round((call.endTimeMs - call.startTimeMs) * 1e3) / 1e6),
    tags: [...new Set([...settings.tags, ...(ambient.tags ?? []), ...call.tags])].map((tag) =>
      wellFormed(tag),
    ),
    properties: {
      ...propertiesOf(cut ? { ...call, truncated: true } : call, settings.systemPrompt),
      ...fill(settings.properties),
      ...fill(ambient.properties ?? {}),
      ...fill(call.metadata),
    },
  };
}

/** The event that tells of a failed call: there is no answer to make a prompt record of. */
export function toErrorEvent(record: PromptRecord): TrackedEvent {
  return {
    id: record.id,
    event: LLM_ERROR_EVENT,
    userId: record.userId,
    ...(record.threadId !== undefined && { threadId: record.threadId }),
    timestamp: record.timestamp,
    properties: {
      ...(record.prompt !== '' && { prompt: record.prompt }),
      ...(record.generation !== '' && { generation: record.generation }),
      model: record.assistantId,
      latency: record.latency,
      ...(record.tags.length > 0 && { tags: record.tags }),
      ...record.properties,
    },
  };
}

function limit(text: string, maxLength: number): { readonly text: string; readonly cut: boolean } {
  return { text: cutText(text, maxLength), cut: text.length > maxLength };
}

function toTimestamp(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
}
