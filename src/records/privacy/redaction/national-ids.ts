/**
 * Numbers of persons that are recognised without a name: by a form that nothing else has, or by their check digits. Numbers without either
 * need a name in front: see `named-values.ts`.
 */
import { hasLuhnChecksum } from './checksums.js';

export interface NationalId {
  readonly pattern: RegExp;
  /** Returns true for a candidate, without its separators, that is a number of a person. Default: each is. */
  readonly accept?: (compact: string) => boolean;
}

const DAY = String.raw`(?:0[1-9]|[12]\d|3[01])`;
const NO_GROUP_BEFORE = String.raw`(?<!\d[ -])`;
const MONTH = String.raw`(?:0[1-9]|1[0-2])`;

export const NATIONAL_IDS: readonly NationalId[] = [
  // Social security number of the USA; AHV of Switzerland; NINO of the United Kingdom; codice fiscale of Italy.
  { pattern: idPattern(String.raw`\d{3}-\d{2}-\d{4}`) },
  { pattern: idPattern(String.raw`756\.\d{4}\.\d{4}\.\d{2}`) },
  { pattern: idPattern(String.raw`[A-Z]{2}(?:\d{6}| ?\d{2} \d{2} \d{2} ?)[A-D]`) },
  { pattern: idPattern(String.raw`[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]`) },
  // CPF and CNPJ of Brazil; RUT of Chile; CUIT of Argentina; CURP of Mexico.
  { pattern: idPattern(String.raw`\d{3}\.\d{3}\.\d{3}-\d{2}|\d{2}\.\d{3}\.\d{3}\/\d{4}-\d{2}`) },
  { pattern: idPattern(String.raw`\d{11}`), accept: isCpf },
  { pattern: idPattern(String.raw`\d{1,2}\.\d{3}\.\d{3}-[\dkK]`) },
  { pattern: idPattern(String.raw`(?:20|23|24|27|30|33|34)-\d{8}-\d`), accept: isCuit },
  { pattern: idPattern(String.raw`[A-Z]{4}\d{2}${MONTH}${DAY}[HMX][A-Z]{5}[A-Z\d]\d`) },
  // DNI and NIE of Spain; NIR of France; national number of Belgium; PESEL of Poland; CNP of Romania.
  { pattern: idPattern(String.raw`(?:\d{8}|[XYZ]-?\d{7})-?[A-HJ-NP-TV-Z]`), accept: isDni },
  {
    pattern: idPattern(String.raw`[12] ?\d{2} ?(?:${MONTH}|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}`),
    accept: isNir,
  },
  { pattern: idPattern(String.raw`\d{2}\.${MONTH}\.${DAY}-\d{3}\.\d{2}`) },
  { pattern: idPattern(String.raw`\d{2}(?:[02468][1-9]|[13579][0-2])${DAY}\d{5}`), accept: isPesel },
  { pattern: idPattern(String.raw`[1-8]\d{2}${MONTH}${DAY}\d{6}`), accept: isCnp },
  // Numbers of Sweden, Finland and the Czech Republic.
  { pattern: idPattern(String.raw`(?:19|20)?\d{2}${MONTH}${DAY}[-+]\d{4}`), accept: isPersonnummer },
  { pattern: idPattern(String.raw`${DAY}${MONTH}\d{2}[-+A]\d{3}[\dA-FHJ-NPR-Y]`), accept: isHetu },
  { pattern: idPattern(String.raw`\d{2}(?:[05][1-9]|[16][0-2])${DAY}\/\d{4}`), accept: isRodneCislo },
  // Numbers of China, South Korea, Turkey, Singapore and South Africa; PAN and Aadhaar of India; My Number of Japan.
  { pattern: idPattern(String.raw`[1-9]\d{5}(?:19|20)\d{2}${MONTH}${DAY}\d{3}[\dXx]`), accept: isChineseId },
  { pattern: idPattern(String.raw`\d{2}${MONTH}${DAY}-[1-4]\d{6}`) },
  { pattern: idPattern(String.raw`[1-9]\d{10}`), accept: isTurkishId },
  { pattern: idPattern(String.raw`[STFG]\d{7}[A-Z]`), accept: isNric },
  { pattern: idPattern(String.raw`\d{2}${MONTH}${DAY}[05]\d{3}[01]8\d`), accept: hasLuhnChecksum },
  { pattern: idPattern(String.raw`[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]`) },
  {
    pattern: idPattern(String.raw`${NO_GROUP_BEFORE}[2-9]\d{3}([ -])\d{4}\1\d{4}(?!\1\d)`),
    accept: hasVerhoeffChecksum,
  },
  { pattern: idPattern(String.raw`${NO_GROUP_BEFORE}\d{4}([ -])\d{4}\1\d{4}(?!\1\d)`), accept: isMyNumber },
];

function idPattern(form: string): RegExp {
  return new RegExp(String.raw`(?<![\w.-]|[\w.-]/)(?:${form})(?![\w-]|[.,/]\d)`, 'g');
}

/** Returns the sum of the digits, each multiplied by its weight. */
function weighted(digits: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, at) => sum + weight * Number(digits.charAt(at)), 0);
}

function isCpf(digits: string): boolean {
  if (/^(\d)\1+$/.test(digits)) return false;
  const check = (length: number) =>
    ((weighted(
      digits,
      Array.from({ length }, (_, at) => length + 1 - at),
    ) *
      10) %
      11) %
    10;
  return check(9) === Number(digits[9]) && check(10) === Number(digits[10]);
}

function isCuit(digits: string): boolean {
  const rest = (11 - (weighted(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
  return (rest === 10 ? 9 : rest) === Number(digits[10]);
}

function isDni(compact: string): boolean {
  const digits = compact.slice(0, -1).replace(/^[XYZ]/, (letter) => String('XYZ'.indexOf(letter)));
  return 'TRWAGMYFPDXBNJZSQVHLCKE'[Number(digits) % 23] === compact.at(-1);
}

function isNir(compact: string): boolean {
  const digits = compact.replace('2A', '19').replace('2B', '18');
  return 97n - (BigInt(digits.slice(0, 13)) % 97n) === BigInt(digits.slice(13));
}

function isPesel(digits: string): boolean {
  return (10 - (weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10 === Number(digits[10]);
}

function isCnp(digits: string): boolean {
  const rest = weighted(digits, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
  return (rest === 10 ? 1 : rest) === Number(digits[12]);
}

function isPersonnummer(digits: string): boolean {
  return hasLuhnChecksum(digits.slice(-10));
}

function isHetu(compact: string): boolean {
  const digits = compact.slice(0, 6) + compact.slice(-4, -1);
  return '0123456789ABCDEFHJKLMNPRSTUVWXY'[Number(digits) % 31] === compact.at(-1);
}

function isRodneCislo(digits: string): boolean {
  return Number(digits) % 11 === 0;
}

function isChineseId(compact: string): boolean {
  const rest = weighted(compact, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11;
  return '10X98765432'[rest] === compact.at(-1)?.toUpperCase();
}

function isTurkishId(digits: string): boolean {
  const odd = weighted(digits, [1, 0, 1, 0, 1, 0, 1, 0, 1]);
  const even = weighted(digits, [0, 1, 0, 1, 0, 1, 0, 1]);
  const tenth = (((odd * 7 - even) % 10) + 10) % 10;
  return tenth === Number(digits[9]) && (odd + even + tenth) % 10 === Number(digits[10]);
}

function isNric(compact: string): boolean {
  const first = compact.charAt(0);
  const sum = weighted(compact.slice(1), [2, 7, 6, 5, 4, 3, 2]) + (first === 'T' || first === 'G' ? 4 : 0);
  return (first < 'S' ? 'XWUTRQPNMLK' : 'JZIHGFEDCBA')[sum % 11] === compact.at(-1);
}

function isMyNumber(digits: string): boolean {
  const rest = weighted(digits, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
  return (rest <= 1 ? 0 : 11 - rest) === Number(digits[11]);
}

/** Permutation of Verhoeff's checksum, and products of the dihedral group of order ten. */
const VERHOEFF_PERMUTATION = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

function hasVerhoeffChecksum(digits: string): boolean {
  let check = 0;
  for (let at = 0; at < digits.length; at += 1) {
    let digit = Number(digits.at(-1 - at));
    for (let time = at % 8; time > 0; time -= 1) digit = VERHOEFF_PERMUTATION[digit] ?? 0;
    check = dihedralProduct(check, digit);
  }
  return check === 0;
}

/** Product in the group of the rotations (0 to 4) and reflections (5 to 9) of a pentagon. */
function dihedralProduct(left: number, right: number): number {
  const sum = left < 5 ? (left % 5) + (right % 5) : (left % 5) - (right % 5) + 5;
  return (sum % 5) + (left < 5 === right < 5 ? 0 : 5);
}
