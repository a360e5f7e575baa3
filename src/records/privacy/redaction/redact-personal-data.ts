import type { PromptRecord, PropertyValue } from '../../model/prompt-record.js';
import { isList } from '../../../common/unknown-values.js';
import { mapTextFields } from '../../text/map-texts.js';
import { isMeasuredName } from '../measured-names.js';
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
 * Redacts e-mail addresses, phone numbers, payment cards and IBANs (both by checksum), numbers of persons, passports, vehicles and
 * devices, dates of birth, coordinates, network addresses, keys, tokens and passwords in prompt, generation, tags and properties of
 * a record, also by the name of a property and in such names. For the option `redact`:
 *
 * ```ts
 * new TrubricsSpanProcessor({ redact: redactPersonalData });
 * new TrubricsSpanProcessor({ redact: (record) => withoutCustomerNumbers(redactPersonalData(record)) });
 * ```
 *
 * It is a safety net and no proof of anonymity, because names and postal addresses have no pattern. `userId` and `threadId`
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
  const named = (name: string, text: string): string => {
    const before = `${name}: `;
    const redacted = redactText(before + text, kinds);
    return redacted.startsWith(before) ? redacted.slice(before.length) : text;
  };
  const redactRecord = (record: PromptRecord): PromptRecord => ({
    ...mapTextFields(record, redact),
    tags: record.tags.map(redact),
    properties: redactMembers(record.properties, { text: redact, named }),
  });
  return withPreparation(redactRecord, prepareSearches);
}

/** Names of properties that are redacted completely. */
const SECRET_NAME =
  /(?:^|[_.-])(?:passwords?|passwd|pwd|secrets?|credentials?|token|cookies?|authorization)$|(?:api|access|secret|private)[_-]?keys?$/i;
const SECRET_NAME_IN_CAMEL_CASE = /[a-z](?:Passwords?|Passwd|Pwd|Secrets?|Credentials?|Token|Cookies?)$/;
/** A number of this name is a count. */
const COUNT_NAME = /tokens?$/i;
/** Smaller numbers are counts, ports and years rather than numbers of persons. */
const MIN_NUMBER = 1_000;
/** In longer texts, the name of the property says little about a number. */
const MAX_NAMED_LENGTH = 200;

/** Redaction of a text by itself, and of a text that has a name. */
interface Redact {
  readonly text: (text: string) => string;
  /** Finds what only a name in front tells: `phone: 2065550147`. */
  readonly named: (name: string, text: string) => string;
}

function redactMembers(
  members: Readonly<Record<string, PropertyValue>>,
  redact: Redact,
): Readonly<Record<string, PropertyValue>> {
  const redacted: Record<string, PropertyValue> = {};
  for (const [name, value] of Object.entries(members))
    setMember(redacted, redactName(name, redact), IDS.has(name) ? value : redactMember(name, value, redact));
  return redacted;
}

function redactMember(name: string, value: PropertyValue, redact: Redact): PropertyValue {
  if (isSecretName(name)) return hide(value, COUNT_NAME.test(name));
  if (typeof value === 'string') return redactNamed(name, value, redact);
  if (typeof value === 'number') return redactNumber(name, value, redact);
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((item) => redactMember(name, item, redact));
  return redactMembers(value, redact);
}

function redactNamed(name: string, text: string, redact: Redact): string {
  const redacted = redact.text(text);
  return redacted === text && text.length <= MAX_NAMED_LENGTH ? redact.named(name, text) : redacted;
}

function redactNumber(name: string, number: number, redact: Redact): PropertyValue {
  if (isMeasuredName(name)) return number;
  // Numbers with decimals are personal if they are those of a place.
  if (!Number.isSafeInteger(number))
    return redact.named(name, String(number)) === '[location]' ? '[location]' : number;
  if (Math.abs(number) < MIN_NUMBER) return number;
  const text = String(number);
  const redacted = redact.named(name, text);
  return redacted === text ? number : redacted;
}

/** Replaces every text and number, also in lists and objects. */
function hide(value: PropertyValue, isCount: boolean): PropertyValue {
  if (typeof value === 'number') return isCount ? value : '[secret]';
  if (typeof value === 'string') return '[secret]';
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((item) => hide(item, isCount));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, hide(member, isCount)]));
}

/** Names that consist of letters contain no personal data that has a form. */
function redactName(name: string, redact: Redact): string {
  return /[\d@]/.test(name) ? redact.text(name) : name;
}

/** Two names can be equal when they are redacted. Defines the member, because assigning `__proto__` would set none. */
function setMember(members: Record<string, PropertyValue>, name: string, value: PropertyValue): void {
  let free = name;
  for (let count = 2; Object.hasOwn(members, free); count += 1) free = `${name} ${count}`;
  Object.defineProperty(members, free, { value, writable: true, enumerable: true, configurable: true });
}

function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) || SECRET_NAME_IN_CAMEL_CASE.test(name);
}
