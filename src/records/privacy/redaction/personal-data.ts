import { hasLuhnChecksum, ibanLengthAt } from './checksums.js';
import { isIpv4, isIpv6 } from './ip-address.js';

/** All kinds of personal data that `redactPersonalData` finds. */
export const PERSONAL_DATA_KINDS = ['secret', 'email', 'iban', 'card', 'ip', 'phone'] as const;

export type PersonalDataKind = (typeof PERSONAL_DATA_KINDS)[number];

interface Finder {
  readonly kind: PersonalDataKind;
  readonly pattern: RegExp;
  /** Returns the number of characters of a candidate that are personal data, 0 for none. Default: all of them. */
  readonly accept?: (candidate: string) => number;
}

/*
 * Every pattern must take linear time: repetitions are bounded, or a look-behind lets them begin only at the start of a word.
 * Otherwise one character would be visited from many starting points.
 */

/** Secrets that have a form of their own: keys by the prefix of their issuer, tokens, passwords in URLs. */
const SECRETS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]{0,20000}(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g,
  // JSON Web Tokens.
  /(?<![\w-])eyJ[\w-]{8,20000}\.[\w-]{8,20000}(?:\.[\w-]{0,20000})?/g,
  // OpenAI, Anthropic, Stripe, Langfuse, Slack, GitHub, GitLab, npm, Hugging Face, Groq, SendGrid, DigitalOcean, Shopify, xAI, Perplexity.
  /(?<![\w-])(?:sk|pk|rk|whsec|xox[abeoprs]|gh[opsru]|github_pat|glpat|npm|hf|gsk|SG|dop_v1|shp(?:at|ca|pa|ss)|lsv2|tvly|xai|pplx)[-_.](?=[\w.-]{0,100}\d)[\w.-]{12,500}/g,
  // AWS, Google.
  /(?<![\w-])(?:A[KS]IA[0-9A-Z]{16}|AIza[\w-]{30,60}|ya29\.[\w-]{10,2000})(?![\w-])/g,
  /(?<![\w-])(?:Bearer|Basic)\s{1,3}(?=[\w.~+/-]{0,100}[\d=])[\w.~+/-]{12,4000}={0,2}/gi,
  /(?<=:\/\/[^\s/:@]{1,100}:)[^\s/@]{1,200}(?=@)/g,
];

/** Secrets after a name: `password: hunter22`, `"api_key": "…"`, `my password is …`. Only the value is redacted. */
const NAMED_SECRETS: readonly RegExp[] = [
  /(?<![a-z0-9])((?:[a-z]{1,20}[_-]){0,3}(?:api[_-]?key|access[_-]?key|private[_-]?key|secret|token)["']?\s{0,3}[:=]\s{0,3}["']?)([^\s"',;]{6,500})/gi,
  /(?<![a-z0-9])((?:[a-z]{1,20}[_-]){0,3}(?:password|passwort|passwd|pwd)["']?\s{0,3}(?:[:=]|is\s|ist\s)\s{0,3}["']?)([^\s"',;]{4,500})/gi,
];

const FINDERS: readonly Finder[] = [
  ...SECRETS.map((pattern): Finder => ({ kind: 'secret', pattern })),
  {
    kind: 'email',
    pattern: /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/gu,
  },
  {
    kind: 'iban',
    pattern: /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?:[ -]?[A-Z\d]){11,30}/giu,
    accept: acceptIban,
  },
  { kind: 'card', pattern: /(?<![\w.])\d(?:[ -]?\d){12,30}(?!\w)/g, accept: acceptCard },
  {
    kind: 'ip',
    pattern: /(?<![\w:.])(?=[\da-f]{0,4}:)[\da-f:]{2,39}(?:(?<=:)\d{1,3}(?:\.\d{1,3}){3})?(?![\w:]|\.\d)/gi,
    accept: (candidate) => (isIpv6(candidate) ? candidate.length : 0),
  },
  {
    kind: 'ip',
    pattern: /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)/g,
    accept: (candidate) => (isIpv4(candidate) ? candidate.length : 0),
  },
  // +49 170 1234567, +1 (415) 555-0132
  { kind: 'phone', pattern: /(?<![\w+])\+\d(?:[ ()./-]{0,3}\d){6,14}(?!\w)/g },
  // (415) 555-0132, 415-555-0132
  { kind: 'phone', pattern: /(?<![\w.-])(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\w-])/g },
  // 0170 1234567, 020 7946 0958, 06 12 34 56 78, 0049 30 123456
  {
    kind: 'phone',
    pattern: /(?<![\w.,:/-])0\d(?:[ ()/.-]{0,2}\d){7,13}(?!\w)/g,
    accept: acceptNationalPhone,
  },
];

/** Replaces personal data of the given kinds by `[email]`, `[phone]`, `[card]`, `[iban]`, `[ip]` and `[secret]`. */
export function redactText(text: string, kinds: ReadonlySet<PersonalDataKind>): string {
  let redacted = text;
  if (kinds.has('secret'))
    for (const pattern of NAMED_SECRETS) redacted = redacted.replace(pattern, '$1[secret]');
  for (const finder of FINDERS) if (kinds.has(finder.kind)) redacted = redactKind(redacted, finder);
  return redacted;
}

/** Replaces one kind. The search goes on after the accepted part of a candidate, because two cards can follow each other. */
function redactKind(text: string, { kind, pattern, accept }: Finder): string {
  if (!accept) return text.replace(pattern, `[${kind}]`);
  let redacted = '';
  let from = 0;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    const length = accept(match[0]);
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

/**
 * Returns the length of the longest card number at the beginning that ends at the end of a group of digits: a card may be followed by
 * its date or check digits. Numbers that begin with 0 or 1 do not count; only old airline cards have them.
 */
function acceptCard(candidate: string): number {
  if (!/^[2-9]/.test(candidate)) return 0;
  let digits = '';
  let accepted = 0;
  for (let at = 0; at < candidate.length && digits.length < 19; at += 1) {
    const character = candidate.charAt(at);
    if (character === ' ' || character === '-') continue;
    digits += character;
    const endsGroup = !/\d/.test(candidate.charAt(at + 1));
    if (endsGroup && digits.length >= 13 && hasLuhnChecksum(digits)) accepted = at + 1;
  }
  return accepted;
}

/** Accepts a whole candidate unless it begins with a date, for instance `01.02.2026 10:30`. */
function acceptNationalPhone(candidate: string): number {
  return /^\d{2}([./-])\d{2}\1\d{2,4}/.test(candidate) ? 0 : candidate.length;
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
