import { asArray, asRecord, asShortText, asStrings, asText, lookUp } from '../../common/unknown-values.js';
import { kwargsOf } from './serialized.js';

const MAX_LENGTH = 10_000;

const ROLES: Readonly<Record<string, string>> = {
  SystemMessagePromptTemplate: 'system',
  HumanMessagePromptTemplate: 'user',
  AIMessagePromptTemplate: 'assistant',
};

/** Returns the text of a serialised prompt template; for a chat prompt, one line per message. */
export function promptTemplate(serialized: unknown): string | undefined {
  const kwargs = kwargsOf(serialized);
  const template = asText(kwargs['template']);
  if (template !== undefined) return asShortText(template, MAX_LENGTH);
  const messages = kwargs['messages'] ?? kwargs['prompt_messages'] ?? kwargs['promptMessages'];
  const lines = asArray(messages).flatMap(messageTemplate);
  return asShortText(lines.join('\n'), MAX_LENGTH);
}

/** LangChain passes the prompt as JSON with live objects inside; a recorded callback has JSON for both. */
function messageTemplate(message: unknown): string[] {
  const { id, lc_id, kwargs, prompt } = asRecord(message);
  const role = lookUp(ROLES, asStrings(id ?? lc_id).at(-1) ?? '');
  const template = templateText(prompt ?? asRecord(kwargs)['prompt']);
  if (template === undefined) return [];
  return [role === undefined ? template : `${role}: ${template}`];
}

function templateText(prompt: unknown): string | undefined {
  // A prompt with several content blocks: keeps their texts.
  if (Array.isArray(prompt)) return asText(prompt.map(templateText).filter(Boolean).join('\n'));
  const { template, kwargs } = asRecord(prompt);
  return asText(template) ?? asText(asRecord(kwargs)['template']);
}
