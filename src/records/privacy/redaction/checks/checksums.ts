import { once } from '../../../../common/collections/once.js';

/** Returns whether digits pass the Luhn checksum. Every payment card does, and one in ten other numbers. */
export function hasLuhnChecksum(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - at) - 48;
    const doubled = at % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Returns whether digits are the time of a clock: seconds or milliseconds since 1970, from 2014 to 2027. */
export function isClockTime(digits: string): boolean {
  return /^1[4-7]\d{8}(?:\d{3})?$/.test(digits);
}

/** Length of an IBAN by country, from the ISO 13616 registry. */
const IBAN_LENGTHS =
  ' AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24' +
  ' FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32' +
  ' LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24' +
  ' RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30';

/** Returns the length of the IBAN at the beginning of a text without spaces, or 0 if there is none. */
export function ibanLengthAt(compact: string): number {
  const at = IBAN_LENGTHS.indexOf(` ${compact.slice(0, 2).toUpperCase()}`);
  const length = Number(IBAN_LENGTHS.slice(at + 3, at + 5));
  return at >= 0 && compact.length >= length && hasMod97Checksum(compact.slice(0, length)) ? length : 0;
}

/** Checks ISO 7064 mod 97-10: letters count as 10 to 35, the first four characters move to the end. */
function hasMod97Checksum(iban: string): boolean {
  let rest = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

const VIN_VALUES = '0123456789.ABCDEFGH..JKLMN.P.R..STUVWXYZ';
const VIN_WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/** Checks the ninth character of a vehicle identification number, which is a check digit in North America and China. */
export function isVin(vin: string): boolean {
  const sum = VIN_WEIGHTS.reduce(
    (total, weight, at) => total + weight * (VIN_VALUES.indexOf(vin.charAt(at)) % 10),
    0,
  );
  return '0123456789X'[sum % 11] === vin[8];
}

const isCountry = /* @__PURE__ */ once(() => {
  // Some runtimes have no names of countries: there, each code counts as one.
  const { DisplayNames } = (globalThis as { Intl?: Partial<typeof Intl> }).Intl ?? {};
  const names = DisplayNames && new DisplayNames('en', { type: 'region', fallback: 'none' });
  return (code: string): boolean => names === undefined || names.of(code) !== undefined;
});

/** Returns whether the country in a bank identifier code exists. */
export function isBankCode(bic: string): boolean {
  return isCountry()(bic.slice(4, 6));
}
