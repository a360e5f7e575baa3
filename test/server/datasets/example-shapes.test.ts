import { expect, test } from 'vitest';
import { toExample } from '../../../src/server/datasets/example-shapes.js';
import type { StoredRecord } from '../../../src/server/model/stored-record.js';
import { event, numbered } from '../engines/stored.js';

function answer(generation: string, properties: StoredRecord['properties'] = {}): StoredRecord {
  return { ...numbered(1), seq: 1, prompt: 'Why?', generation, properties };
}

const ITEM = { recordId: '1' };
const CORRECTED = { recordId: '1', correctedAnswer: 'So.' };
const user = { role: 'user', content: 'Why?' };

test('an example for fine-tuning has the system prompt, the question and the answer', () => {
  expect(toExample('openai', 'gold', ITEM, answer('Because.', { system_prompt: 'Be brief.' }))).toEqual({
    messages: [{ role: 'system', content: 'Be brief.' }, user, { role: 'assistant', content: 'Because.' }],
  });
});

test('a corrected answer takes the place of the one that was given', () => {
  expect(toExample('openai', 'gold', CORRECTED, answer('Because.'))).toEqual({
    messages: [user, { role: 'assistant', content: 'So.' }],
  });
});

test('an answer of tool calls alone is written as calls, and any other text as text', () => {
  const calls = 'find({"city":"Rome (IT)","days":[1,2]})\nnow()';
  const tools = { tool_calls: ['find', 'now'] };
  const assistant = (text: string, properties = tools) =>
    (toExample('openai', 'gold', ITEM, answer(text, properties)) as { messages: unknown[] }).messages.at(-1);
  expect(assistant(calls)).toEqual({
    role: 'assistant',
    tool_calls: [
      {
        id: 'call_1',
        type: 'function',
        function: { name: 'find', arguments: '{"city":"Rome (IT)","days":[1,2]}' },
      },
      { id: 'call_2', type: 'function', function: { name: 'now', arguments: '{}' } },
    ],
  });
  for (const text of [`I look it up.\n${calls}`, 'find({"city":)', 'find({"a":1}) now()'])
    expect(assistant(text)).toEqual({ role: 'assistant', content: text });
  expect(assistant(calls, {} as typeof tools)).toEqual({ role: 'assistant', content: calls });
});

test('what was not asked or not answered is no example for fine-tuning', () => {
  expect(toExample('openai', 'gold', ITEM, answer(''))).toBeUndefined();
  expect(
    toExample('openai', 'gold', ITEM, { ...answer('Yes.'), prompt: '' } as StoredRecord),
  ).toBeUndefined();
  const failed = {
    ...event('1', 'LLM error', { prompt: 'Why?', error_type: 'Timeout' }),
    seq: 1,
  } as StoredRecord;
  expect(toExample('openai', 'gold', ITEM, failed)).toBeUndefined();
  expect(toExample('openai', 'gold', CORRECTED, failed)).toMatchObject({
    messages: [user, { content: 'So.' }],
  });
});

test('an item for Langfuse names its trace, keeps what was answered, and has the same id each time', () => {
  const record = answer('Because.', { trace_id: 't1', span_id: 's1', user_name: 'Ada' });
  const item = toExample('langfuse', 'gold', CORRECTED, record);
  expect(item).toEqual({
    datasetName: 'gold',
    id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    input: { messages: [user] },
    expectedOutput: { role: 'assistant', content: 'So.' },
    metadata: {
      recordId: '1',
      timestamp: numbered(1).timestamp,
      model: 'model-1',
      isCorrected: true,
      answer: 'Because.',
    },
    sourceTraceId: 't1',
    sourceObservationId: 's1',
    status: 'ACTIVE',
  });
  expect(toExample('langfuse', 'gold', ITEM, record)?.['id']).toBe(item?.['id']);
  expect(toExample('langfuse', 'other', ITEM, record)?.['id']).not.toBe(item?.['id']);
  expect(toExample('langfuse', 'gold', { recordId: '2' }, record)?.['id']).not.toBe(item?.['id']);
  expect(toExample('langfuse', 'gold', ITEM, answer('So.', { span_id: 's1' }))).not.toHaveProperty(
    'sourceObservationId',
  );
  const plain = toExample('langfuse', 'gold', ITEM, answer(''));
  expect([plain?.['expectedOutput'], plain && 'sourceTraceId' in plain]).toEqual([null, false]);
});
