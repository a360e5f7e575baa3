import { expect, test } from 'vitest';
import { normaliseFinishReason } from '../../../src/reading/fields/finish-reason.js';

test.each([
  ['maxTokens', 'length'],
  ['stopSequence', 'stop'],
  ['contentFiltered', 'content_filter'],
  ['guardrailIntervened', 'content_filter'],
  ['toolCalls', 'tool_call'],
  ['ToolCalls', 'tool_call'],
  ['tool-calls', 'tool_call'],
  ['blocked', 'content_filter'],
  ['BLOCKLIST', 'content_filter'],
  ['PROHIBITED_CONTENT', 'content_filter'],
  ['SPII', 'content_filter'],
  ['Pause Turn', 'pause_turn'],
])('the finish reason %s is normalised', (written, reason) => {
  expect(normaliseFinishReason(written)).toBe(reason);
});
