import { asNumber, asRecord, asText, isRecord, type UnknownRecord } from '../../common/unknown-values.js';
import type { ReadContext, ReadRecord } from './read-record.js';
import { readSdkItem } from './read-sdk.js';
import { ANONYMOUS } from '../../records/model/prompt-record.js';

/** Returns true for a prompt of the first Trubrics platform, as its SDK (up to 1.6) wrote it. */
export function isPlatformPrompt(value: unknown): value is UnknownRecord {
  return isRecord(value) && isRecord(value['config_model']) && 'prompt' in value && 'generation' in value;
}

export function readPlatformPrompt(value: UnknownRecord, context: ReadContext): ReadRecord {
  const { model, prompt_template: template, temperature } = asRecord(value['config_model']);
  const id = asText(value['id']);
  const item = {
    user_id: asText(value['user_id']) ?? ANONYMOUS,
    prompt: value['prompt'],
    generation: value['generation'],
    assistant_id: asText(model),
    thread_id: asText(value['session_id']),
    timestamp: value['created_on'],
    properties: {
      ...asRecord(value['metadata']),
      ...(asNumber(temperature) !== undefined && { temperature }),
      // "{prompt}" is the default: no template.
      ...(asText(template) !== undefined && template !== '{prompt}' && { prompt_template: template }),
      ...(Array.isArray(value['tags']) && { tags: value['tags'] }),
      ...(id !== undefined && { $event_id: id }),
    },
  };
  return readSdkItem(item, context);
}
