import type { PromptRecord, PropertyValue } from '../../model/prompt-record.js';
import { isList } from '../../../common/unknown-values.js';
import { mapTextFields } from '../../text/map-texts.js';
import { withPreparation } from '../preparation.js';
import { prepareSearches, redactText } from './personal-data.js';
import { PERSONAL_DATA_KINDS, type PersonalDataKind } from './personal-data-kind.js';

/** Options of {@link personalDataRedactor}. */
export interface PersonalDataOptions {
  /** Kinds that are not redacted, for instance `["ip"]`. Default: none. */
  readonly except?: readonly PersonalDataKind[] | undefined;
  /** Further patterns, each with the flag `g`. Matches become `[redacted]`. Default: none. */
  readonly also?: readonly RegExp[] | undefined;
}

/** Properties that are never redacted: ids of spans and records, by which feedback is linked. */
const IDS: ReadonlySet<string> = new Set([
  'trace_id',
  'span_id',
  'parent_span_id',
  'turn_id',
  'record_id',
  'resumes',
]);

/**
 * Redacts e-mail addresses, phone numbers, payment cards and IBANs (both by checksum), numbers of persons and passports, network
 * addresses, keys, tokens and passwords in prompt, generation, tags and properties of a record. For the option `redact`:
 *
 * ```ts
 * new TrubricsSpanProcessor({ redact: redactPersonalData });
 * new TrubricsSpanProcessor({ redact: (record) => withoutCustomerNumbers(redactPersonalData(record)) });
 * ```
 *
 * It is a safety net and no proof of anonymity, because names, addresses and dates of birth have no pattern. `userId` and `threadId`
 * are kept; see the option `hashUserId`.
 */
export const redactPersonalData: (record: PromptRecord) => PromptRecord =
  /* @__PURE__ */ personalDataRedactor();

/**
 * Returns a variant of {@link redactPersonalData} with fewer kinds or further patterns.
 *
 * @throws TypeError if a pattern of `also` is no RegExp with the flag `g`.
 */
export function personalDataRedactor(
  options: PersonalDataOptions = {},
): (record: PromptRecord) => PromptRecord {
  const { except = [], also = [] } = options;
  const wrong = also.find((pattern) => !(pattern instanceof RegExp) || !pattern.global);
  if (wrong !== undefined)
    throw new TypeError('personalDataRedactor: every pattern of "also" must be a RegExp with the flag g.');
  const kinds = new Set(PERSONAL_DATA_KINDS.filter((kind) => !except.includes(kind)));
  const redact = (text: string): string =>
    also.reduce((redacted, pattern) => redacted.replace(pattern, '[redacted]'), redactText(text, kinds));
  const redactRecord = (record: PromptRecord): PromptRecord => ({
    ...mapTextFields(record, redact),
    tags: record.tags.map(redact),
    properties: redactMembers(record.properties, redact),
  });
  return withPreparation(redactRecord, prepareSearches);
}

/** Names of properties whose text is redacted completely. */
const SECRET_NAME =
  /(?:^|[_.-])(?:password|passwd|pwd|secret|token|cookie|authorization)$|(?:api|access|secret|private)[_-]?key$/i;
const SECRET_NAME_IN_CAMEL_CASE = /[a-z](?:Password|Passwd|Pwd|Secret|Token|Cookie)$/;

type Redact = (text: string) => string;

function redactMembers(
  members: Readonly<Record<string, PropertyValue>>,
  redact: Redact,
): Readonly<Record<string, PropertyValue>> {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => {
      if (typeof value === 'string' && isSecretName(name)) return [name, '[secret]'];
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

function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) || SECRET_NAME_IN_CAMEL_CASE.test(name);
}
