import { describe, expect, test } from 'vitest';
import { locateCalls } from '../../../src/reading/calls/deduplicate-calls.js';
import { roleOfAttributes, textParts } from '../../support/read-call.js';
import { makeSpan } from '../../support/span.js';

describe('LiveKit', () => {
  test('a LiveKit request is one call, with the conversation of the node above it', () => {
    const node = makeSpan({
      name: 'llm_node',
      attributes: {
        'lk.chat_ctx':
          '{"items":[{"type":"message","role":"user","content":["Book a hotel"]},{"type":"function_call","call_id":"c1","name":"book","arguments":"{}"},{"type":"function_call_output","call_id":"c1","output":"No rooms"}]}',
        'lk.response.text': 'Sorry.',
        'lk.response.function_calls': '[{"call_id":"c2","name":"g","arguments":"{\\"a\\":1}"}]',
      },
    });
    const request = makeSpan({
      name: 'llm_request',
      parentSpanId: node.spanContext().spanId,
      attributes: { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm', 'lk.llm_metrics': '{}' },
    });
    const located = locateCalls([request, node]);
    expect(located).toHaveLength(1);
    expect(located[0]?.call).toMatchObject({ spanId: request.spanContext().spanId, requestModel: 'm' });
    expect(located[0]?.call.inputMessages.map((message) => message.role)).toEqual([
      'user',
      'assistant',
      'tool',
    ]);
    expect(located[0]?.call.outputMessages[0]?.parts).toEqual([
      ...textParts('Sorry.'),
      { type: 'tool_call', id: 'c2', name: 'g', arguments: { a: 1 } },
    ]);
    expect(roleOfAttributes({ 'lk.function_tool.name': 'f' })).toBe('callBoundary');
  });
});
