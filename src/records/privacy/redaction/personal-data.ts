/**
 * Finds personal data in texts: values after a telling name, then forms that are recognised without one.
 *
 * test/records/privacy/redaction has a corpus of invented texts, and the score on it.
 */
import { hasLuhnChecksum, ibanLengthAt } from './checksums.js';
import { isIpv4, isIpv6 } from './ip-address.js';
import { NAMED_VALUES, type NamedValue } from './named-values.js';
import type { PersonalDataKind } from './personal-data-kind.js';
import { NATIONAL_IDS } from './national-ids.js';
import { SECRETS } from './secret-forms.js';
import { toAsciiForm } from './ascii-form.js';

/** A form of personal data that is recognised without a name in front. */
interface Finder {
  readonly kind: PersonalDataKind;
  readonly pattern: RegExp;
  /** Returns the number of characters of a candidate that are personal data, 0 for none. Default: all of them. */
  readonly accept?: (candidate: string, before: string, after: string) => number;
}

/** Characters before and after a candidate that `accept` sees. */
const NEIGHBOURHOOD = 24;

/*
 * Every pattern must take linear time: repetitions are bounded, or a look-behind lets them begin only at the start of a word.
 * Otherwise one character would be visited from many starting points.
 */
const FINDERS: readonly Finder[] = [
  ...SECRETS.map((pattern): Finder => ({ kind: 'secret', pattern })),
  {
    kind: 'email',
    pattern:
      /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+'#-]{1,64}(?:@|%40| ?[[(]at[\])] ?)(?:[\p{L}\p{N}-]{1,63}(?:\.| ?[[(]dot[\])] ?)){1,8}\p{L}{2,24}(?![\p{L}\p{N}]|\.[\p{L}\p{N}]|:[\w~/])/giu,
  },
  // ada at example dot com
  {
    kind: 'email',
    pattern:
      /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{2,64} at [\p{L}\p{N}-]{2,63}(?: dot [\p{L}\p{N}-]{2,63}){0,3} dot (?:com|org|net|edu|io|dev|info|gov|[a-z]{2})(?![\p{L}\p{N}])/giu,
  },
  {
    kind: 'iban',
    pattern: /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?:[ -]?[A-Z\d]){11,30}/giu,
    accept: acceptIban,
  },
  { kind: 'card', pattern: /(?<![\w.])\d(?:[ .-]?\d){12,30}(?!\w)/g, accept: acceptCard },
  ...NATIONAL_IDS.map(({ pattern, accept }): Finder => ({
    kind: 'id',
    pattern,
    accept: (candidate, before, after) =>
      accept?.(candidate.replaceAll(/[ ./+-]/g, '')) === false
        ? 0
        : acceptUnlessReference(candidate, before, after),
  })),
  { kind: 'ip', pattern: /(?<![\w:-])(?:[\da-f]{2}([:-]))(?:[\da-f]{2}\1){4}[\da-f]{2}(?![\w:-])/gi },
  {
    kind: 'ip',
    pattern: /(?<![\w:.])(?=[\da-f]{0,4}:)[\da-f:]{2,39}(?:(?<=:)\d{1,3}(?:\.\d{1,3}){3})?(?![\w:]|\.\d)/gi,
    accept: (candidate) => (candidate !== '::1' && isIpv6(candidate) ? candidate.length : 0),
  },
  { kind: 'ip', pattern: /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)/g, accept: acceptIpv4 },
  // +49 170 1234567, +1 (415) 555-0132
  { kind: 'phone', pattern: /(?<![\w+])\+[1-9](?:[ ()./-]{0,3}\d){6,14}(?!\w)/g, accept: acceptForeignPhone },
  // (415) 555-0132, 415-555-0132, 1-800-555-0199
  {
    kind: 'phone',
    pattern: /(?<![\w.-])(?:1[-. ])?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\w-])/g,
    accept: acceptUnlessReference,
  },
  // (11) 91234-5678 in Brazil, 8 (912) 345-67-89 in Russia, (020) 7946 0958
  {
    kind: 'phone',
    pattern:
      /(?<![\w.-])(?:\(0?\d{2,4}\) ?\d{4,5}[- ]\d{4}|8[ -]?(?:\(\d{3}\)|9\d{2})[ -]?\d{3}[ -]\d{2}[ -]\d{2})(?![\w-])/g,
  },
  // Mobile numbers of Spain, Italy, India and China, whose groups are unlike those of other numbers.
  {
    kind: 'phone',
    pattern:
      /(?<![\w.,-]|\d )(?:[67]\d{2}(?: \d{2}){3}|3[2-9]\d \d{7}|[6-9]\d{4}[ -]\d{5}|1[3-9]\d([ -])\d{4}\1\d{4}|1[3-9]\d{9})(?![\w-]| \d)/g,
    accept: acceptUnlessReference,
  },
  // 0170 1234567, 020 7946 0958, 06 12 34 56 78, 0049 30 123456
  {
    kind: 'phone',
    pattern: /(?<![\w.,:/-])0\d(?:[ ()/.-]{0,2}\d){7,13}(?!\w)/g,
    accept: acceptNationalPhone,
  },
];

/** Replaces personal data of the given kinds by `[email]`, `[phone]`, `[card]`, `[iban]`, `[id]`, `[ip]` and `[secret]`. */
export function redactText(text: string, kinds: ReadonlySet<PersonalDataKind>): string {
  let redacted = text;
  for (const named of NAMED_VALUES) if (kinds.has(named.kind)) redacted = redactNamed(redacted, named);
  for (const finder of FINDERS) if (kinds.has(finder.kind)) redacted = redactKind(redacted, finder);
  return redacted;
}

/** Replaces the values that follow a name. */
function redactNamed(text: string, { kind, name, valueAt }: NamedValue): string {
  const form = toAsciiForm(text);
  let redacted = '';
  let from = 0;
  name.lastIndex = 0;
  for (let match = name.exec(form); match; match = name.exec(form)) {
    const value = valueAt(form, match.index + match[0].length);
    if (value === undefined) continue;
    redacted += `${text.slice(from, value.start)}[${kind}]`;
    from = value.end;
    name.lastIndex = from;
  }
  return redacted + text.slice(from);
}

/** Replaces one kind. The search goes on after the accepted part of a candidate, because two cards can follow each other. */
function redactKind(text: string, { kind, pattern, accept }: Finder): string {
  const form = toAsciiForm(text);
  let redacted = '';
  let from = 0;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(form); match; match = pattern.exec(form)) {
    const [candidate] = match;
    const end = match.index + candidate.length;
    const before = form.slice(Math.max(0, match.index - NEIGHBOURHOOD), match.index);
    const length = accept
      ? accept(candidate, before, form.slice(end, end + NEIGHBOURHOOD))
      : candidate.length;
    if (length > 0) {
      redacted += `${text.slice(from, match.index)}[${kind}]`;
      from = match.index + length;
    }
    pattern.lastIndex = match.index + Math.max(length, 1);
  }
  return redacted + text.slice(from);
}

function acceptIban(candidate: string): number {
  const length = ibanLengthAt(candidate.replaceAll(/[ -]/g, ''));
  return lengthOfFirst(candidate, length, /[^ -]/);
}

/** Lengths and first digits of the issuers: Visa, Mastercard, American Express, Diners, JCB, Discover, UnionPay, Maestro. */
const CARD =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|35\d{14}|(?:6|5[06-8])\d{15,18})$/;

/**
 * Returns the length of the longest card number at the beginning that ends at the end of a group of digits: a card may be followed by
 * its date or check digits. Thirteen digits in one group are an article number (EAN).
 */
function acceptCard(candidate: string): number {
  let digits = '';
  let accepted = 0;
  for (let at = 0; at < candidate.length && digits.length < 19; at += 1) {
    const character = candidate.charAt(at);
    if (!/\d/.test(character)) continue;
    digits += character;
    const endsGroup = !/\d/.test(candidate.charAt(at + 1));
    const isArticle = digits.length === 13 && at === 12;
    if (
      digits.length >= 13 &&
      endsGroup &&
      !isArticle &&
      CARD.test(digits) &&
      hasLuhnChecksum(digits) &&
      !/^(\d)\1+$/.test(digits)
    )
      accepted = at + 1;
  }
  return accepted;
}

/** Words before a number that is no address and no phone. */
const REFERENCE_BEFORE =
  /(?:\b(?:version|release|firmware|build|section|chapter|rev|sku|order|invoice|ticket|customer|serial|article|item|part|case|id|isbn|ean|upc|gtin|asin|barcode|tracking|shipment|batch|lot|model|po|rma|sn)(?: (?:no|nr|number))?|\b(?:up|down)graded? (?:from|to)|[§#=])[ .:#-]{0,3}$/i;
const REFERENCE_AFTER = /^ (?:is version|part|item|points|rows|article)/i;

function acceptUnlessReference(candidate: string, before: string, after: string): number {
  return REFERENCE_BEFORE.test(before) || REFERENCE_AFTER.test(after) ? 0 : candidate.length;
}

/**
 * An address with octets of one digit each is more likely a version; 0.x and 255.x are masks, 127.x is this machine, `10.0.0.0/8` is a
 * network.
 */
function acceptIpv4(candidate: string, before: string, after: string): number {
  if (!isIpv4(candidate) || /^(?:\d\.){3}\d$|^(?:0|127|255)\./.test(candidate)) return 0;
  if (candidate.endsWith('.0') && /^\/\d/.test(after)) return 0;
  return before.endsWith('=') ? candidate.length : acceptUnlessReference(candidate, before, after);
}

/** Without separators, ten digits are required: `+1234567 points` is no phone. */
function acceptForeignPhone(candidate: string): number {
  const digits = candidate.replaceAll(/\D/g, '');
  return digits.length >= (/[ ()./-]/.test(candidate) ? 8 : 10) ? candidate.length : 0;
}

/** Accepts neither dates and times, nor sequences of small numbers, nor `0123456789`. */
function acceptNationalPhone(candidate: string, before: string, after: string): number {
  if (
    /^\d{2}([./-])\d{2}\1\d{2,4}(?:\D|$)/.test(candidate) &&
    !/^\d\d(?:([.-])\d\d)(?:\1\d\d){3}$/.test(candidate)
  )
    return 0;
  const groups = candidate.split(/\D+/);
  if (groups.length > 6 || (groups.length > 1 && groups.at(-1)?.length === 1)) return 0;
  const digits = groups.join('');
  if (groups.length === 1 && (/^00|^0123456789/.test(digits) || digits.length > 12)) return 0;
  return acceptUnlessReference(candidate, before.replace(/=$/, ''), after);
}

/** Returns the position after the `count`th character that matches `counts`. */
function lengthOfFirst(text: string, count: number, counts: RegExp): number {
  let left = count;
  for (let at = 0; at < text.length && left > 0; at += 1) {
    if (counts.test(text.charAt(at))) left -= 1;
    if (left === 0) return at + 1;
  }
  return 0;
}
