import type { PromptRecord, PropertyValue } from '../../model/prompt-record.js';
import { redactText, type PersonalDataKind } from './personal-data.js';
import { isList } from '../../../common/unknown-values.js';

/** What to look for, and what else. All optional. */
export interface PersonalDataOptions {
  /** Kinds to leave as they are, for instance `["ip"]`. */
  readonly except?: readonly PersonalDataKind[];
  /** More to take out: what these patterns match becomes `[redacted]`. They must have the flag `g`. */
  readonly also?: readonly RegExp[];
}

const ALL_KINDS: readonly PersonalDataKind[] = ['secret', 'email', 'iban', 'card', 'ip', 'phone'];

/** Ids of spans and records are no one's data, and feedback is linked by them. */
const IDS: ReadonlySet<string> = new Set([
  'trace_id',
  'span_id',
  'parent_span_id',
  'turn_id',
  'record_id',
  'resumes',
]);

/**
 * Takes e-mail addresses, phone numbers, payment cards (by their checksum), IBANs (by theirs), IP addresses, and keys, tokens and
 * passwords out of prompt, generation, tags and properties of a record. Made for the option `redact`:
 *
 * ```ts
 * new TrubricsSpanProcessor({ redact: redactPersonalData });
 * new TrubricsSpanProcessor({ redact: (record) => withoutCustomerNumbers(redactPersonalData(record)) });
 * ```
 *
 * It finds what has a form. Names, addresses and dates of birth have none: it is a safety net, no proof of anonymity. `userId` and
 * `threadId` stay, or all users would become one: see the option `hashUserId`.
 */
export function redactPersonalData(record: PromptRecord): PromptRecord {
  return redactDefault(record);
}

/** A {@link redactPersonalData} that looks for less, or for more. */
export function personalDataRedactor(
  options: PersonalDataOptions = {},
): (record: PromptRecord) => PromptRecord {
  const { except = [], also = [] } = options;
  const wrong = also.find((pattern) => !(pattern instanceof RegExp) || !pattern.global);
  if (wrong !== undefined)
    throw new TypeError('personalDataRedactor: every pattern of "also" must be a RegExp with the flag g.');
  const kinds = new Set(ALL_KINDS.filter((kind) => !except.includes(kind)));
  const redact = (text: string): string =>
    also.reduce((left, pattern) => left.replace(pattern, '[redacted]'), redactText(text, kinds));
  return (record) => ({
    ...record,
    prompt: redact(record.prompt),
    generation: redact(record.generation),
    tags: record.tags.map(redact),
    properties: redactMembers(record.properties, redact),
  });
}

const redactDefault = personalDataRedactor();

/** A property of this name is a secret, whatever it looks like. */
const SECRET_NAME = /(?:^|[_.-])(?:password|passwd|secret|api[_-]?key|access[_-]?token|authorization)$/i;

type Redact = (text: string) => string;

function redactMembers(
  members: Readonly<Record<string, PropertyValue>>,
  redact: Redact,
): Readonly<Record<string, PropertyValue>> {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => {
      if (typeof value === 'string' && SECRET_NAME.test(name)) return [name, '[secret]'];
      return [name, IDS.has(name) ? value : redactValue(value, redact)];
    }),
  );
}

function redactValue(value: PropertyValue, redact: Redact): PropertyValue {
  if (typeof value === 'string') return redact(value);
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((item) => redactValue(item, redact));
  return redactMembers(value, redact);
}
