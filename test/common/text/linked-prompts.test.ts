import { expect, test } from 'vitest';
import { withoutLinkedPrompts } from '../../../src/common/text/linked-prompts.js';

const SECRET = 'You are a pirate.';
/** An object of Langfuse's client, which LangChain and the AI SDK get as `langfusePrompt`. */
class TextPromptClient {
  readonly name = 'greet';
  readonly version = 3;
  readonly prompt = SECRET;
  readonly config = { model: 'gpt-4o', note: SECRET };
  readonly promptResponse = { name: 'greet', prompt: SECRET };
}
const LINK = { name: 'greet', version: '3' };

test.each([
  ['an object of Langfuse', { langfusePrompt: new TextPromptClient() }, LINK],
  ['its JSON', { langfusePrompt: JSON.stringify(new TextPromptClient()) }, LINK],
  ['a name and a version', { langfusePrompt: { name: 'greet', version: 3 } }, LINK],
  [
    'a link of Mastra',
    { langfuse: { prompt: { id: 'p-1', name: 'greet', version: 3, prompt: SECRET } } },
    LINK,
  ],
  ['a list of Opik', { opik_prompts: [{ name: 'greet', commit: '3', prompt: SECRET }] }, LINK],
  [
    'a prompt without a version',
    { prompt: { name: 'greet', messages: [{ content: SECRET }] } },
    { name: 'greet' },
  ],
  ['a link of Braintrust', { prompt: { id: 'greet', version: '3', variables: { who: SECRET } } }, LINK],
])('of %s in metadata, name and version stay', (_name, metadata, prompt) => {
  const given = { plan: 'pro', ...metadata };
  const answer = withoutLinkedPrompts(given);
  expect(answer).toEqual({ metadata: { plan: 'pro' }, prompt: { version: undefined, ...prompt } });
  expect(JSON.stringify(answer)).not.toContain(SECRET);
  // It belongs to the application.
  expect(Object.keys(given)).toHaveLength(2);
});

test('other metadata stays the same object, and what is beside a prompt stays', () => {
  for (const metadata of [
    {},
    { prompt_name: 'greet', prompt: 'Say hello', prompts: ['a', 'b'], prompt_version: 3 },
    { prompt: { tone: 'friendly' }, customer: { name: 'acme', version: 2 }, langfuse: { level: 'DEBUG' } },
    { prompt: '{"name":', prompts: [], langfuse: null },
  ]) {
    const answer = withoutLinkedPrompts(metadata);
    expect(answer.metadata).toBe(metadata);
    expect(answer.prompt).toBeUndefined();
  }
  const beside = withoutLinkedPrompts({
    langfuse: { level: 'DEBUG', prompt: { name: 'greet', version: 3 } },
  });
  expect(beside).toEqual({ metadata: { langfuse: { level: 'DEBUG' } }, prompt: LINK });
});

test('getters that throw have no value', () => {
  const prompt = {
    name: 'greet',
    get version(): never {
      throw new Error('gone');
    },
    prompt: SECRET,
  };
  const metadata = Object.defineProperty({ prompt }, 'other', {
    enumerable: true,
    get: () => {
      throw new Error('gone');
    },
  });
  expect(withoutLinkedPrompts({ prompt }).prompt).toEqual({ name: 'greet', version: undefined });
  expect(() => withoutLinkedPrompts(metadata)).not.toThrow();
});
