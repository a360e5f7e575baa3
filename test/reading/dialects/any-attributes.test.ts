import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSpan, roleOf } from '../../../src/reading/dialects/read-llm-call.js';
import { loadCaptures } from '../../support/captures.js';
import { makeSpan } from '../../support/span.js';

const spans = loadCaptures().flatMap((capture) => capture.spans);
const llmSpans = spans.filter((span) => roleOf(span) === 'llm');
const KEYS = [...new Set(spans.flatMap((span) => Object.keys(span.attributes)))];
const EVENTS = [...new Set(spans.flatMap((span) => span.events?.map((event) => event.name) ?? []))];
const WORDS = [
  'chat',
  'llm',
  'LLM',
  'generation',
  'ai.generateText.doGenerate',
  'gen_ai.chat',
  'model',
  'true',
  'NaN',
];
const ROLES = ['user', 'assistant', 'tool', 'system', 'constructor', '__proto__', ''];

const content = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.constantFrom(null, true, 0, -1, '[]', '{}', '__REDACTED__', 'null'),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('message'),
  ),
  message: fc.record(
    {
      role: fc.constantFrom(...ROLES),
      type: fc.constantFrom('text', 'tool_call', 'function', 'image', 'reasoning', 'constructor', 'toString'),
      name: fc.string(),
      content: tie('value'),
      parts: tie('value'),
      text: tie('value'),
      message: tie('value'),
      tool_calls: tie('value'),
      arguments: tie('value'),
      index: tie('value'),
    },
    { requiredKeys: [] },
  ),
}));

/** A structure, its JSON, or its JSON cut off somewhere. */
const attribute = fc.oneof(
  fc.constantFrom(...WORDS),
  fc.double(),
  content.value,
  content.value.map((value) => JSON.stringify(value)),
  fc.tuple(content.value, fc.nat(60)).map(([value, length]) => JSON.stringify(value).slice(0, length)),
);
const overrides = fc.dictionary(fc.constantFrom(...KEYS), attribute, { maxKeys: 10 });
const event = fc.record({ name: fc.constantFrom(...EVENTS), attributes: overrides });

/** A captured span of a call, with some of its attributes replaced and some of other libraries added. */
const spoiled = fc.constantFrom(...llmSpans).chain((span) =>
  fc.record({
    name: fc.constant(span.name),
    own: fc.dictionary(fc.constantFrom(...Object.keys(span.attributes)), attribute, { maxKeys: 6 }),
    foreign: overrides,
    events: fc.oneof(fc.constant(span.events ?? []), fc.array(event, { maxLength: 4 })),
    captured: fc.constant(span.attributes),
  }),
);

describe('readSpan', () => {
  test('readSpan reads any value in the attributes of known libraries', () => {
    let calls = 0;
    fc.assert(
      fc.property(spoiled, ({ name, captured, foreign, own, events }) => {
        const call = readSpan(makeSpan({ name, attributes: { ...captured, ...foreign, ...own }, events }));
        if (!call) return;
        calls += 1;
        for (const message of [...call.inputMessages, ...call.outputMessages]) {
          expect(typeof message.role).toBe('string');
          const texts = message.parts.flatMap((part) => {
            if (part.type === 'text' || part.type === 'reasoning') return [part.text];
            return part.type === 'tool_call' ? [part.name] : [];
          });
          for (const text of texts) expect(text).toMatch(/[^]/);
        }
        for (const count of Object.values(call.usage)) expect(count).toSatisfy(Number.isFinite);
        for (const reason of call.finishReasons) expect(reason).toMatch(/[^]/);
      }),
      { numRuns: 3_000 },
    );
    expect(calls).toBeGreaterThan(1_000);
  });
});
