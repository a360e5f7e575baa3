import type { Entry } from '../../src/destinations/destination.js';
import type { PromptRecord } from '../../src/records/model/prompt-record.js';

export function promptRecord(fields: Partial<PromptRecord> = {}): PromptRecord {
  return {
    id: 'trace-span',
    userId: 'user-1',
    prompt: 'Why is the sky blue?',
    generation: 'Because of Rayleigh scattering.',
    assistantId: 'gpt-4o-mini',
    timestamp: '2026-11-22T10:00:00.000Z',
    latency: 1.25,
    tags: [],
    properties: {},
    ...fields,
  };
}

export function promptEntry(id: string, fields: Partial<PromptRecord> = {}): Entry {
  return { kind: 'prompt', record: promptRecord({ ...fields, id }) };
}

export function eventEntry(id: string): Entry {
  return {
    kind: 'event',
    event: { id, event: 'Sign up', userId: 'user-1', timestamp: '2026-11-22T10:00:00.000Z', properties: {} },
  };
}

/** `count` prompts with the ids `prefix0`, `prefix1` … */
export function promptEntries(count: number, prefix = 'id-'): Entry[] {
  return Array.from({ length: count }, (_, index) => promptEntry(`${prefix}${index}`));
}
