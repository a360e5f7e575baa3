import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { PromptRecord, PropertyValue, TrackedEvent } from '../../records/model/prompt-record.js';
import {
  toDouble,
  toFirestoreFields,
  toFirestoreValue,
  toTimestamp,
  type FirestoreFields,
  type FirestoreValue,
} from './firestore-value.js';

/** A document on its way into a project. */
export interface PlatformDocument {
  /** The feedback component, of a feedback. */
  readonly component?: string;
  /** Our own, so that a repetition meets the document that is already there. */
  readonly id: string;
  readonly fields: FirestoreFields;
}

const NULL: FirestoreValue = { nullValue: null };
/** The name of the event that `TrubricsClient.trackFeedback()` makes. */
const FEEDBACK_EVENT = 'Feedback';
const DEFAULT_COMPONENT = 'default';

/** The fields and their order are those of the Python client of the platform. */
export function promptDocument(record: PromptRecord): PlatformDocument {
  const { prompt_template: template, temperature, ...metadata } = record.properties;
  return {
    id: documentId(record.id),
    fields: {
      config_model: {
        mapValue: {
          fields: {
            model: { stringValue: record.assistantId },
            prompt_template: { stringValue: typeof template === 'string' ? template : '{prompt}' },
            temperature: toDouble(temperature),
          },
        },
      },
      prompt: { stringValue: record.prompt },
      generation: { stringValue: record.generation },
      created_on: toTimestamp(record.timestamp),
      user_id: { stringValue: record.userId },
      session_id: textOrNull(record.threadId),
      tags: toFirestoreValue(record.tags),
      metadata: { mapValue: { fields: toFirestoreFields({ ...metadata, latency: record.latency }) } },
    },
  };
}

/** The platform knows no events but feedback: `undefined` for any other. */
export function feedbackDocument(event: TrackedEvent): PlatformDocument | undefined {
  if (event.event !== FEEDBACK_EVENT) return undefined;
  const { component, score, label, comment, record_id: recordId, model, ...metadata } = event.properties;
  const name = typeof component === 'string' && component !== '' ? component : DEFAULT_COMPONENT;
  return {
    component: name,
    id: documentId(event.id),
    fields: {
      component: { stringValue: name },
      model: { stringValue: typeof model === 'string' ? model : 'unknown' },
      user_response: { mapValue: { fields: userResponse(score, label, comment) } },
      created_on: toTimestamp(event.timestamp),
      prompt_id: typeof recordId === 'string' ? { stringValue: documentId(recordId) } : NULL,
      user_id: { stringValue: event.userId },
      tags: { arrayValue: { values: [] } },
      metadata: {
        mapValue: {
          fields: toFirestoreFields({
            ...metadata,
            ...(score !== undefined && { score }),
            ...(event.threadId !== undefined && { session_id: event.threadId }),
          }),
        },
      },
    },
  };
}

const FACES = new Set(['😞', '🙁', '😐', '🙂', '😀']);
const THUMBS = new Set(['👍', '👎']);

/** The three forms of the platform: faces, thumbs, and text alone. */
function userResponse(
  score: PropertyValue | undefined,
  label: PropertyValue | undefined,
  comment: PropertyValue | undefined,
): FirestoreFields {
  const text = textOrNull(comment);
  if (typeof label === 'string' && FACES.has(label)) {
    return { type: { stringValue: 'faces' }, score: { stringValue: label }, text };
  }
  const thumb = typeof label === 'string' && THUMBS.has(label) ? label : thumbOf(score);
  if (thumb) return { type: { stringValue: 'thumbs' }, score: { stringValue: thumb }, text };
  return {
    type: { stringValue: 'textbox' },
    score: NULL,
    text: comment === undefined ? textOrNull(label) : text,
  };
}

function thumbOf(score: PropertyValue | undefined): string | undefined {
  if (typeof score === 'boolean') return score ? '👍' : '👎';
  return typeof score === 'number' ? (score > 0 ? '👍' : '👎') : undefined;
}

function textOrNull(value: PropertyValue | undefined): FirestoreValue {
  return typeof value === 'string' ? { stringValue: value } : NULL;
}

const LONGEST_ID = 1_000;

/**
 * Any text as a name that Firestore takes: no slash, not `.` or `..`, not like `__this__`, not too long. Different texts have
 * different names: what is different would count as delivered already.
 */
function documentId(id: string): string {
  const escaped = encodeURIComponent(id.replaceAll('~', '~7E')).replaceAll('%', '~');
  if (escaped.length > LONGEST_ID) {
    return `${escaped.slice(0, LONGEST_ID)}~~${bytesToHex(sha256(utf8ToBytes(id)))}`;
  }
  if (!/^(?:\.{1,2}|__.*__)$/.test(escaped)) return escaped || '~';
  return escaped.replace(/^\./, '~2E').replace(/^_/, '~5F');
}
