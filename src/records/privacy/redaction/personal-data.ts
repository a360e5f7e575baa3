/**
 * Finds personal data in texts: values after a telling name, then forms that are recognised without one.
 *
 * test/records/privacy/redaction has a corpus of invented texts, and the score on it.
 */
import { once } from '../../../common/collections/once.js';
import { birthsAndPlaces, namedBirthsAndPlaces } from './births-and-places.js';
import { hasLuhnChecksum, ibanLengthAt, isClockTime } from './checks/checksums.js';
import { commandSecrets } from './command-secrets.js';
import { emails, phones } from './contact-forms.js';
import { deviceNumbers, namedDeviceNumbers } from './device-numbers.js';
import { acceptUnlessReference, type Finder } from './finder.js';
import { addresses } from './ip-address.js';
import { namedNumbers } from './named-numbers.js';
import { namedSecrets } from './named-secrets.js';
import type { NamedValue } from './named-values.js';
import type { PersonalDataKind } from './personal-data-kind.js';
import { nationalIds } from './national-ids.js';
import { secretForms } from './secret-forms.js';
import { toAsciiForm } from './ascii-form.js';

/** Characters before and after a candidate that `accept` sees. */
const NEIGHBOURHOOD = 24;

/**
 * All searches, in the order in which they are made. Built when the first text is redacted: it takes tens of milliseconds, and most applications
 * never redact.
 */
const searches = /* @__PURE__ */ once((): readonly (NamedValue | Finder)[] => [
  ...namedSecrets(),
  ...commandSecrets(),
  ...namedBirthsAndPlaces(),
  ...namedDeviceNumbers(),
  ...namedNumbers(),
  ...secretForms(),
  ...emails(),
  ...birthsAndPlaces(),
  { kind: 'iban', pattern: /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?:[ -]?[A-Z\d]){11,30}/giu, accept: acceptIban },
  { kind: 'card', pattern: /(?<![\w.])\d(?:[ .-]?\d){12,30}(?!\w)/g, accept: acceptCard },
  ...deviceNumbers(),
  ...nationalIds().map(({ accept, ...form }): Finder => ({
    ...form,
    kind: 'id',
    accept: (candidate, before, after) =>
      isClockTime(candidate) || accept?.(candidate.replaceAll(/[ ./+-]/g, '')) === false
        ? 0
        : acceptUnlessReference(candidate, before, after),
  })),
  ...addresses(),
  ...phones(),
]);

/** Builds and compiles the searches, step by step: the regular expressions are compiled when they are first used. */
export function* prepareSearches(): Generator<void, void> {
  for (const build of [
    namedSecrets,
    commandSecrets,
    namedBirthsAndPlaces,
    namedDeviceNumbers,
    namedNumbers,
    secretForms,
    emails,
    birthsAndPlaces,
    deviceNumbers,
    nationalIds,
    phones,
  ]) {
    build();
    yield;
  }
  for (const search of searches()) {
    const pattern = 'name' in search ? search.name : search.pattern;
    // V8 compiles a pattern to bytecode for its first text, and to machine code for its second.
    for (const text of ['', ' ']) {
      pattern.lastIndex = 0;
      pattern.test(text);
    }
    yield;
  }
}

/** Replaces personal data of the given kinds by the kind in brackets: `[email]`. */
export function redactText(text: string, kinds: ReadonlySet<PersonalDataKind>): string {
  let redacted = text;
  let form = toAsciiForm(text);
  for (const search of searches()) {
    if (!kinds.has(search.kind) || (search.needs !== undefined && !form.includes(search.needs))) continue;
    const next = 'name' in search ? redactNamed(redacted, form, search) : redactKind(redacted, form, search);
    if (next !== redacted) form = toAsciiForm(next);
    redacted = next;
  }
  return redacted;
}

/** Replaces the values that follow a name. `form` is the ASCII form of the text. */
function redactNamed(text: string, form: string, { kind, name, valueAt }: NamedValue): string {
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
function redactKind(text: string, form: string, { kind, pattern, accept }: Finder): string {
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

/** Returns the position after the `count`th character that matches `counts`. */
function lengthOfFirst(text: string, count: number, counts: RegExp): number {
  let left = count;
  for (let at = 0; at < text.length && left > 0; at += 1) {
    if (counts.test(text.charAt(at))) left -= 1;
    if (left === 0) return at + 1;
  }
  return 0;
}
