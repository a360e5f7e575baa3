import { idText } from '../id-text.js';
import { isEmpty, isRecord, parseJson, readMember, type UnknownRecord } from '../unknown-values.js';

/** A prompt of a prompt store, by which its versions are compared. */
export interface LinkedPrompt {
  readonly name: string | undefined;
  readonly version: string | undefined;
}

/** Metadata without prompts of a prompt store, and the first of these. */
export interface UnlinkedMetadata {
  readonly metadata: UnknownRecord;
  readonly prompt: LinkedPrompt | undefined;
}

/** Keys under which libraries pass a prompt on: `langfusePrompt`, `prompt`, `opik_prompts`. */
const PROMPT_KEY = /prompts?$/i;
/** Keys of objects with such a key in them, as Mastra passes on `{ langfuse: { prompt } }`. */
const STORE_KEY = /langfuse|langsmith|braintrust|opik|langwatch|promptlayer|humanloop/i;
const NAMES = ['name', 'promptName', 'prompt_name', 'key', 'slug', 'handle', 'id'] as const;
const VERSIONS = ['version', 'promptVersion', 'prompt_version', 'commit', 'versionId', 'version_id'] as const;
const TEXTS = ['prompt', 'template', 'messages', 'promptResponse'] as const;

/**
 * Takes prompts of a prompt store out of metadata. They are objects, or lists or JSON of these, with the whole text of the prompt and its settings, which
 * only their library needs: name and version say which prompt it was.
 */
export function withoutLinkedPrompts(metadata: UnknownRecord): UnlinkedMetadata {
  let prompt: LinkedPrompt | undefined;
  const kept: Record<string, unknown> = {};
  for (const key of Object.keys(metadata)) {
    const value = readMember(metadata, key);
    const linked = linkedPrompt(key, value);
    const inner = !linked && isRecord(value) && STORE_KEY.test(key) ? withoutLinkedPrompts(value) : undefined;
    const found = linked ?? inner?.prompt;
    prompt ??= found;
    if (!found) kept[key] = value;
    else if (inner && !isEmpty(inner.metadata)) kept[key] = inner.metadata;
  }
  return { metadata: prompt ? kept : metadata, prompt };
}

/** Returns name and version if the value under a key of metadata is a prompt of a prompt store. Of a list, those of the first. */
export function linkedPrompt(key: string, value: unknown): LinkedPrompt | undefined {
  if (!PROMPT_KEY.test(key)) return undefined;
  const prompt = typeof value === 'string' ? parseJson(value) : value;
  if (Array.isArray(prompt)) {
    const prompts = prompt.map(promptOf);
    return prompts.every((one) => one !== undefined) ? prompts[0] : undefined;
  }
  return promptOf(prompt);
}

function promptOf(value: unknown): LinkedPrompt | undefined {
  if (!isRecord(value)) return undefined;
  const [name, version] = [firstText(value, NAMES), firstText(value, VERSIONS)];
  if (name === undefined) return undefined;
  const hasText = TEXTS.some((text) => readMember(value, text) !== undefined);
  return version !== undefined || hasText ? { name, version } : undefined;
}

/** Returns the first of some members of a foreign object that is a text, a number or an id of another type. */
export function firstText(value: UnknownRecord, names: readonly string[]): string | undefined {
  return names.map((name) => idText(readMember(value, name))).find((text) => text !== undefined);
}
