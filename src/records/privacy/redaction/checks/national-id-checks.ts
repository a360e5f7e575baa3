/** Check digits of numbers of persons. Each function gets a number without its separators. */
import { hasLuhnChecksum } from './checksums.js';

/** Returns the sum of the digits, each multiplied by its weight. */
function weighted(digits: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, at) => sum + weight * Number(digits.charAt(at)), 0);
}

export function isCpf(digits: string): boolean {
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

export function isCuit(digits: string): boolean {
  const rest = (11 - (weighted(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
  return (rest === 10 ? 9 : rest) === Number(digits[10]);
}

export function isDni(compact: string): boolean {
  const digits = compact.slice(0, -1).replace(/^[XYZ]/, (letter) => String('XYZ'.indexOf(letter)));
  return 'TRWAGMYFPDXBNJZSQVHLCKE'[Number(digits) % 23] === compact.at(-1)?.toUpperCase();
}

export function isNir(compact: string): boolean {
  const digits = compact.replace('2A', '19').replace('2B', '18');
  return 97n - (BigInt(digits.slice(0, 13)) % 97n) === BigInt(digits.slice(13));
}

export function isPesel(digits: string): boolean {
  return (10 - (weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10 === Number(digits[10]);
}

export function isCnp(digits: string): boolean {
  const rest = weighted(digits, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
  return (rest === 10 ? 1 : rest) === Number(digits[12]);
}

export function isPersonnummer(digits: string): boolean {
  return hasLuhnChecksum(digits.slice(-10));
}

export function isHetu(compact: string): boolean {
  const digits = compact.slice(0, 6) + compact.slice(-4, -1);
  return '0123456789ABCDEFHJKLMNPRSTUVWXY'[Number(digits) % 31] === compact.at(-1);
}

export function isRodneCislo(digits: string): boolean {
  return Number(digits) % 11 === 0;
}

export function isChineseId(compact: string): boolean {
  const rest = weighted(compact, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11;
  return '10X98765432'[rest] === compact.at(-1)?.toUpperCase();
}

export function isTurkishId(digits: string): boolean {
  const odd = weighted(digits, [1, 0, 1, 0, 1, 0, 1, 0, 1]);
  const even = weighted(digits, [0, 1, 0, 1, 0, 1, 0, 1]);
  const tenth = (((odd * 7 - even) % 10) + 10) % 10;
  return tenth === Number(digits[9]) && (odd + even + tenth) % 10 === Number(digits[10]);
}

export function isNric(compact: string): boolean {
  const first = compact.charAt(0);
  const sum = weighted(compact.slice(1), [2, 7, 6, 5, 4, 3, 2]) + (first === 'T' || first === 'G' ? 4 : 0);
  return (first < 'S' ? 'XWUTRQPNMLK' : 'JZIHGFEDCBA')[sum % 11] === compact.at(-1);
}

export function isMyNumber(digits: string): boolean {
  const rest = weighted(digits, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
  return (rest <= 1 ? 0 : 11 - rest) === Number(digits[11]);
}

/** Permutation of Verhoeff's checksum, and products of the dihedral group of order ten. */
const VERHOEFF_PERMUTATION = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

export function hasVerhoeffChecksum(digits: string): boolean {
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

/** Returns the check digit of ISO 7064 mod 11,10. */
function isoMod11Mod10(digits: string): number {
  let product = 10;
  for (const digit of digits) {
    const sum = (Number(digit) + product) % 10 || 10;
    product = (sum * 2) % 11;
  }
  return (11 - product) % 10;
}

/** Checks the OIB of Croatia. The tax number of a person in Germany has the same check digit. */
export function isOib(digits: string): boolean {
  return isoMod11Mod10(digits.slice(0, 10)) === Number(digits[10]) && !/^(\d)\1+$/.test(digits);
}

export function isNorwegianId(digits: string): boolean {
  const first = weighted(digits, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11;
  const second = weighted(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11;
  return first === 0 && second === 0;
}

/** Checks numbers of Estonia and Lithuania. */
export function isBalticId(digits: string): boolean {
  const first = weighted(digits, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
  const second = weighted(digits, [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11;
  return (first < 10 ? first : second % 10) === Number(digits[10]);
}

export function isEgn(digits: string): boolean {
  return (weighted(digits, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11) % 10 === Number(digits[9]);
}

/** Checks the JMBG of the countries that were Yugoslavia. */
export function isJmbg(digits: string): boolean {
  const rest = 11 - (weighted(digits, [7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11);
  return (rest > 9 ? 0 : rest) === Number(digits[12]);
}

export function isBelgianId(digits: string): boolean {
  const birth = Number(digits.slice(0, 9));
  const check = Number(digits.slice(9));
  return 97 - (birth % 97) === check || 97 - ((2_000_000_000 + birth) % 97) === check;
}

export function isPps(compact: string): boolean {
  const second = compact[8] === undefined || compact[8] === 'W' ? 0 : compact.charCodeAt(8) - 64;
  const rest = (weighted(compact, [8, 7, 6, 5, 4, 3, 2]) + 9 * second) % 23;
  return 'WABCDEFGHIJKLMNOPQRSTUV'[rest] === compact[7];
}

export function isNhsNumber(digits: string): boolean {
  const rest = 11 - (weighted(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11);
  return rest !== 10 && rest % 11 === Number(digits[9]);
}

export function isAustrianId(digits: string): boolean {
  return weighted(digits, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 === Number(digits[3]);
}

export function isRut(compact: string): boolean {
  const digits = compact.slice(0, -1).padStart(8, '0');
  const rest = 11 - (weighted(digits, [3, 2, 7, 6, 5, 4, 3, 2]) % 11);
  return (rest === 11 ? '0' : rest === 10 ? 'K' : String(rest)) === compact.at(-1)?.toUpperCase();
}

export function isTaiwaneseId(compact: string): boolean {
  const letter = 'ABCDEFGHJKLMNPQRSTUVXYWZIO'.indexOf(compact.charAt(0)) + 10;
  const sum =
    Math.floor(letter / 10) + (letter % 10) * 9 + weighted(compact.slice(1), [8, 7, 6, 5, 4, 3, 2, 1, 1]);
  return sum % 10 === 0;
}

export function isHongKongId(compact: string): boolean {
  const [, letters = '', digits = '', check = ''] = /^([A-Z]{1,2})(\d{6})\(?([\dA])/.exec(compact) ?? [];
  const valueAt = (at: number): number => (letters[at] === undefined ? 36 : letters.charCodeAt(at) - 55);
  const [first, second] = letters.length === 2 ? [valueAt(0), valueAt(1)] : [valueAt(1), valueAt(0)];
  const sum = first * 9 + second * 8 + weighted(digits, [7, 6, 5, 4, 3, 2]);
  return (11 - (sum % 11)) % 11 === (check === 'A' ? 10 : Number(check));
}

export function isThaiId(digits: string): boolean {
  return (11 - (weighted(digits, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 10 === Number(digits[12]);
}

export function isSnils(digits: string): boolean {
  return (weighted(digits, [9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101) % 100 === Number(digits.slice(9));
}

export function isKazakhId(digits: string): boolean {
  const first = weighted(digits, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) % 11;
  const second = weighted(digits, [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) % 11;
  return (first < 10 ? first : second) === Number(digits[11]);
}

export function isTfn(digits: string): boolean {
  return weighted(digits, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0;
}

export function isSin(digits: string): boolean {
  return hasLuhnChecksum(digits) && !/^0{3}/.test(digits);
}
