import { expect, test } from 'vitest';
import { feedbackDocument } from '../../../src/destinations/platform/documents.js';
import { readFeedback } from '../../../src/feedback/feedback-body.js';
import {
  FEEDBACK_SYMBOLS,
  toFeedbackEvent,
  type FeedbackSymbol,
} from '../../../src/records/feedback/to-feedback-event.js';
import type { PropertyValue, TrackedEvent } from '../../../src/records/model/prompt-record.js';
import { feedbackOf } from '../../../src/server/model/feedback.js';

const SYMBOLS = Object.entries(FEEDBACK_SYMBOLS).map(([symbol, { score, type }]) => ({
  symbol: symbol as FeedbackSymbol,
  type,
  meaning: score > 0 ? 'positive' : score < 0 ? 'negative' : 'other',
}));

function eventOf(score: FeedbackSymbol): TrackedEvent {
  const event = toFeedbackEvent({ recordId: 'trace-span', score }, 'feedback-1', new Date(0));
  if (!event) throw new Error('no feedback');
  return event;
}

function meaningOf(properties: Readonly<Record<string, PropertyValue>>) {
  return feedbackOf({
    kind: 'event',
    id: 'feedback-1',
    event: 'Feedback',
    userId: 'ada',
    timestamp: '2026-01-01T00:00:00.000Z',
    receivedAt: '2026-01-01T00:00:00.000Z',
    tags: [],
    properties,
  });
}

test.each(SYMBOLS)(
  'the page shows feedback $symbol as $meaning, by score or by label',
  ({ symbol, meaning }) => {
    expect(meaningOf(eventOf(symbol).properties)).toBe(meaning);
    expect(meaningOf({ label: symbol })).toBe(meaning);
  },
);

test.each(SYMBOLS)('the platform gets feedback $symbol as $type', ({ symbol, type }) => {
  expect(feedbackDocument(eventOf(symbol))?.fields.user_response).toEqual({
    mapValue: {
      fields: { type: { stringValue: type }, score: { stringValue: symbol }, text: { nullValue: null } },
    },
  });
});

test.each(SYMBOLS)('the feedback handler accepts $symbol as a score', ({ symbol }) => {
  const body = JSON.stringify({ recordId: 'trace-span', score: symbol });
  expect(readFeedback(body)).toEqual({ feedback: { recordId: 'trace-span', score: symbol } });
});
