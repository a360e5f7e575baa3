import { createHash } from 'node:crypto';
import type { PropertyValue } from '../../../records/model/prompt-record.js';
import type { NewRecord, StoredRecord } from '../../model/stored-record.js';
import { OUTCOMES, SENTIMENTS } from './label-values.js';

type Properties = Readonly<Record<string, PropertyValue>>;

export interface Labels {
  /** A general category, or `unclear`. */
  readonly intent: string;
  readonly sentiment: (typeof SENTIMENTS)[number];
  readonly outcome: (typeof OUTCOMES)[number];
}

/**
 * Outcome of a prompt: `done` has labels, `failed` was tried too often, `empty` has no text, `sent` came with labels of the application. Without a
 * status, it waits.
 */
export const LABEL_STATUSES = ['done', 'failed', 'empty', 'sent'] as const;

export type LabelStatusName = (typeof LABEL_STATUSES)[number];

export const STATUS_PROPERTY = 'label_status';
export const INTENT_PROPERTY = 'label_intent';
/** Names the content that was labelled, so that the same content is not asked about again. */
export const CONTENT_PROPERTY = 'label_content';

const LABELS = [INTENT_PROPERTY, 'label_sentiment', 'label_outcome'] as const;

/** The status of a prompt, and its labels if it has some. */
export type Labelled =
  | { readonly status: 'done'; readonly labels: Labels }
  | { readonly status: Exclude<LabelStatusName, 'done'> };

/** Returns a key of the texts of a prompt; undefined if it has none, or the record is no prompt. */
export function contentKeyOf(record: NewRecord | StoredRecord): string | undefined {
  if (record.kind !== 'prompt' || (record.prompt + record.generation).trim() === '') return undefined;
  return createHash('sha256')
    .update(JSON.stringify([record.prompt, record.generation]))
    .digest('hex')
    .slice(0, 32);
}

export function isLabelled({ properties }: Pick<NewRecord, 'properties'>): boolean {
  return Object.hasOwn(properties, STATUS_PROPERTY);
}

/** Returns true if an application has sent labels itself. */
export function hasSentLabels({ properties }: Pick<NewRecord, 'properties'>): boolean {
  return LABELS.some((name) => Object.hasOwn(properties, name));
}

/** Returns the properties of a prompt with its labels, in place of earlier ones. */
export function withLabels(record: NewRecord | StoredRecord, labelled: Labelled): Properties {
  const content = contentKeyOf(record);
  return {
    ...withoutLabels(record.properties),
    [STATUS_PROPERTY]: labelled.status,
    ...(content !== undefined && { [CONTENT_PROPERTY]: content }),
    ...(labelled.status === 'done' && {
      label_intent: labelled.labels.intent,
      label_sentiment: labelled.labels.sentiment,
      label_outcome: labelled.labels.outcome,
    }),
  };
}

/** Returns properties as they were sent. */
export function withoutLabels(properties: Properties): Properties {
  if (!Object.hasOwn(properties, STATUS_PROPERTY)) return properties;
  const others: Record<string, PropertyValue> = { ...properties };
  const own = properties[STATUS_PROPERTY] === 'sent' ? [] : LABELS;
  for (const name of [STATUS_PROPERTY, CONTENT_PROPERTY, ...own]) delete others[name];
  return others;
}

/** Returns a record that arrives again with the labels that it has, as long as its texts are the same. */
export function keepingLabels(record: NewRecord, earlier: StoredRecord): NewRecord {
  if (!isLabelled(earlier) || isLabelled(record) || contentKeyOf(record) !== contentKeyOf(earlier))
    return record;
  const kept = Object.entries(earlier.properties).filter(([name]) => name.startsWith('label_'));
  return { ...record, properties: { ...record.properties, ...Object.fromEntries(kept) } };
}

/** Returns the labels of a record; undefined if it has none of a model. */
export function labelsOf({ properties }: Pick<StoredRecord, 'properties'>): Labels | undefined {
  const { label_intent: intent, label_sentiment: given, label_outcome: said } = properties;
  const sentiment = SENTIMENTS.find((one) => one === given);
  const outcome = OUTCOMES.find((one) => one === said);
  if (properties[STATUS_PROPERTY] !== 'done' || typeof intent !== 'string' || !sentiment || !outcome)
    return undefined;
  return { intent, sentiment, outcome };
}
