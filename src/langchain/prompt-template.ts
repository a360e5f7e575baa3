import { asArray, asRecord, asStrings, asText, cut } from './read.js';

const MAX_LENGTH = 10_000;

const ROLES: Readonly<Record<string, string>> = {
  SystemMessagePromptTemplate: 'system',
  HumanMessagePromptTemplate: 'user',
  AIMessagePromptTemplate: 'assistant',
};

/** The text of a serialised prompt template; of a chat prompt, one line for each message. */
export function promptTemplate(serialized: unknown): string | undefined {
  const kwargs = asRecord(asRecord(serialized)['kwargs']);
  const single = asText(kwargs['template']);
  if (single !== undefined) return cut(single, MAX_LENGTH);
  const lines = asArray(kwargs['prompt_messages'] ?? kwargs['promptMessages']).flatMap(messageTemplate);
  return lines.length > 0 ? cut(lines.join('\n'), MAX_LENGTH) : undefined;
}

function messageTemplate(message: unknown): string[] {
  const { id, kwargs } = asRecord(message);
  const role = ROLES[asStrings(id).at(-1) ?? ''];
  const template = asText(asRecord(asRecord(asRecord(kwargs)['prompt'])['kwargs'])['template']);
  if (template === undefined) return [];
  return [role === undefined ? template : `${role}: ${template}`];
}
