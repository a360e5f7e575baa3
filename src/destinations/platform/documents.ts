import { sha256 } from '../../common/sha256.js';
import type { PromptRecord, PropertyValue, TrackedEvent } from '../../records/model/prompt-record.js';
import {
  FEEDBACK_EVENT,
  FEEDBACK_SYMBOLS,
  type FeedbackSymbol,
} from '../../records/feedback/to-feedback-event.js';
import {
  toDouble,
  toFirestoreValue,
  toTimestamp,
  type FirestoreFields,
  type FirestoreValue,
} from './firestore-value.js';

/** A document to be created in a project. */
export interface PlatformDocument {
  /** Name of the feedback component. Only for feedback. */
  readonly component?: string;
  /** Derived from the record's id, so that a repeated delivery finds the document that exists. */
  readonly id: string;
  readonly fields: FirestoreFields;
}

const NULL: FirestoreValue = { nullValue: null };
const DEFAULT_COMPONENT = 'default';

/** Returns the document of a prompt, with the fields and their order of the platform's Python client. */
export function promptDocument(record: PromptRecord): PlatformDocument {
  const { prompt_template: template, temperature, ...metadata } = record.properties;
  return {
    id: documentId(record.id),
    fields: {
      config_model: {
        mapValue: {
          fields: {
            model: toFirestoreValue(record.assistantId),
            prompt_template: toFirestoreValue(typeof template === 'string' ? template : '{prompt}'),
            temperature: toDouble(temperature),
          },
        },
      },
      prompt: toFirestoreValue(record.prompt),
      generation: toFirestoreValue(record.generation),
      created_on: toTimestamp(record.timestamp),
      user_id: toFirestoreValue(record.userId),
      session_id: textOrNull(record.threadId),
      tags: toFirestoreValue(record.tags),
      metadata: toFirestoreValue({ ...metadata, latency: record.latency }),
    },
  };
}

/** Returns the document of feedback; `undefined` for every other event, because the platform has none. */
export function feedbackDocument(event: TrackedEvent): PlatformDocument | undefined {
  if (event.event !== FEEDBACK_EVENT) return undefined;
  const { component, score, label, comment, record_id: recordId, model, ...metadata } = event.properties;
  const name = typeof component === 'string' && component !== '' ? component : DEFAULT_COMPONENT;
  return {
    component: name,
    id: documentId(event.id),
    fields: {
      component: toFirestoreValue(name),
      model: toFirestoreValue(typeof model === 'string' ? model : 'unknown'),
      user_response: { mapValue: { fields: userResponse(score, label, comment) } },
      created_on: toTimestamp(event.timestamp),
      prompt_id: typeof recordId === 'string' ? toFirestoreValue(documentId(recordId)) : NULL,
      user_id: toFirestoreValue(event.userId),
      tags: { arrayValue: { values: [] } },
      metadata: toFirestoreValue({
        ...metadata,
        ...(score !== undefined && { score }),
        ...(event.threadId !== undefined && { session_id: event.threadId }),
      }),
    },
  };
}

/** Returns feedback in one of the three forms of the platform: faces, thumbs, or text. */
function userResponse(
  score: PropertyValue | undefined,
  label: PropertyValue | undefined,
  comment: PropertyValue | undefined,
): FirestoreFields {
  const text = textOrNull(comment);
  const symbol = isSymbol(label) ? label : thumbOf(score);
  if (symbol) {
    const { type } = FEEDBACK_SYMBOLS[symbol];
    return { type: toFirestoreValue(type), score: toFirestoreValue(symbol), text };
  }
  return {
    type: toFirestoreValue('textbox'),
    score: NULL,
    text: comment === undefined ? textOrNull(label) : text,
  };
}

function isSymbol(label: PropertyValue | undefined): label is FeedbackSymbol {
  return typeof label === 'string' && Object.hasOwn(FEEDBACK_SYMBOLS, label);
}

function thumbOf(score: PropertyValue | undefined): FeedbackSymbol | undefined {
  if (typeof score === 'boolean') return score ? '👍' : '👎';
  return typeof score === 'number' ? (score > 0 ? '👍' : '👎') : undefined;
}

function textOrNull(value: PropertyValue | undefined): FirestoreValue {
  return typeof value === 'string' ? toFirestoreValue(value) : NULL;
}

const MAX_ID_LENGTH = 1_000;

/**
 * Escapes a text to a document name that Firestore accepts: no slash, not `.` or `..`, not like `__this__`, and not too long. The
 * escaping is injective, because a second record of the same name would count as delivered already.
 */
function documentId(id: string): string {
  const escaped = encodeURIComponent(id.replaceAll('~', '~7E')).replaceAll('%', '~');
  if (escaped.length > MAX_ID_LENGTH) {
    return `${escaped.slice(0, MAX_ID_LENGTH)}~~${sha256(id)}`;
  }
  if (!/^(?:\.{1,2}|__.*__)$/.test(escaped)) return escaped || '~';
  return escaped.replace(/^\./, '~2E').replace(/^_/, '~5F');
}
