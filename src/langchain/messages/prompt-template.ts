import { asArray, asRecord, asStrings, asText, cut, lookUp } from '../../common/unknown-values.js';

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
  const messages = kwargs['messages'] ?? kwargs['prompt_messages'] ?? kwargs['promptMessages'];
  const lines = asArray(messages).flatMap(messageTemplate);
  return lines.length > 0 ? cut(lines.join('\n'), MAX_LENGTH) : undefined;
}

/** LangChain hands over the outer object as JSON and those in it alive; a recording has JSON all the way down. */
function messageTemplate(message: unknown): string[] {
  const { id, lc_id, kwargs, prompt } = asRecord(message);
  const role = lookUp(ROLES, asStrings(id ?? lc_id).at(-1) ?? '');
  const template = templateText(prompt ?? asRecord(kwargs)['prompt']);
  if (template === undefined) return [];
  return [role === undefined ? template : `${role}: ${template}`];
}

function templateText(prompt: unknown): string | undefined {
  // A prompt of several kinds of content: its texts.
  if (Array.isArray(prompt)) return asText(prompt.map(templateText).filter(Boolean).join('\n'));
  const { template, kwargs } = asRecord(prompt);
  return asText(template) ?? asText(asRecord(kwargs)['template']);
}
