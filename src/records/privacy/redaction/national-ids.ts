/**
 * Numbers of persons that are recognised without a name: by a form that nothing else has, or by their check digits. Numbers without either
 * need a name in front: see `named-values.ts`.
 */
import { once } from '../../../common/collections/once.js';
import { hasLuhnChecksum } from './checks/checksums.js';
import * as check from './checks/national-id-checks.js';

export interface NationalId {
  readonly pattern: RegExp;
  /** A text that is in every match. */
  readonly needs?: string;
  /** Returns true for a candidate, without its separators, that is a number of a person. Default: each is. */
  readonly accept?: (compact: string) => boolean;
}

const DAY = String.raw`(?:0[1-9]|[12]\d|3[01])`;
const NO_GROUP_BEFORE = String.raw`(?<!\d[ -])`;
const MONTH = String.raw`(?:0[1-9]|1[0-2])`;

export const nationalIds = /* @__PURE__ */ once((): readonly NationalId[] => [
  // Social security number of the USA; AHV of Switzerland; NINO of the United Kingdom; codice fiscale of Italy.
  { pattern: idPattern(String.raw`\d{3}-\d{2}-\d{4}`) },
  { pattern: idPattern(String.raw`756\.\d{4}\.\d{4}\.\d{2}`) },
  { pattern: idPattern(String.raw`[A-Z]{2}(?:\d{6}| ?\d{2} \d{2} \d{2} ?)[A-D]`) },
  { pattern: idPattern(String.raw`[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]`) },
  // CPF and CNPJ of Brazil; RUT of Chile; CUIT of Argentina; CURP of Mexico.
  { pattern: idPattern(String.raw`\d{3}\.\d{3}\.\d{3}-\d{2}|\d{2}\.\d{3}\.\d{3}\/\d{4}-\d{2}`) },
  { pattern: idPattern(String.raw`\d{11}`), accept: check.isCpf },
  { pattern: idPattern(String.raw`\d{1,2}\.\d{3}\.\d{3}-[\dkK]`) },
  { pattern: idPattern(String.raw`(?:20|23|24|27|30|33|34)-\d{8}-\d`), accept: check.isCuit },
  { pattern: idPattern(String.raw`[A-Z]{4}\d{2}${MONTH}${DAY}[HMX][A-Z]{5}[A-Z\d]\d`) },
  // DNI and NIE of Spain; NIR of France; national number of Belgium; PESEL of Poland; CNP of Romania.
  {
    pattern: idPattern(
      String.raw`(?:\d{8}|\d{2}\.\d{3}\.\d{3}|[XYZ][ -]?\d{7}|[XYZ]-?\d\.?\d{3}\.?\d{3})[ -]?[A-HJ-NP-TV-Za-hj-np-tv-z]`,
    ),
    accept: check.isDni,
  },
  {
    pattern: idPattern(String.raw`[12] ?\d{2} ?(?:${MONTH}|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}`),
    accept: check.isNir,
  },
  { pattern: idPattern(String.raw`\d{2}\.${MONTH}\.${DAY}-\d{3}\.\d{2}`) },
  { pattern: idPattern(String.raw`\d{2}(?:[02468][1-9]|[13579][0-2])${DAY}\d{5}`), accept: check.isPesel },
  { pattern: idPattern(String.raw`[1-8]\d{2}${MONTH}${DAY}\d{6}`), accept: check.isCnp },
  // Numbers of Sweden, Finland and the Czech Republic.
  { pattern: idPattern(String.raw`(?:19|20)?\d{2}${MONTH}${DAY}[-+]\d{4}`), accept: check.isPersonnummer },
  { pattern: idPattern(String.raw`${DAY}${MONTH}\d{2}[-+A]\d{3}[\dA-FHJ-NPR-Y]`), accept: check.isHetu },
  { pattern: idPattern(String.raw`\d{2}(?:[05][1-9]|[16][0-2])${DAY}\/\d{4}`), accept: check.isRodneCislo },
  // Numbers of China, South Korea, Turkey, Singapore and South Africa; PAN and Aadhaar of India; My Number of Japan.
  {
    pattern: idPattern(String.raw`[1-9]\d{5}(?:19|20)\d{2}${MONTH}${DAY}\d{3}[\dXx]`),
    accept: check.isChineseId,
  },
  { pattern: idPattern(String.raw`\d{2}${MONTH}${DAY}-[1-4]\d{6}`) },
  { pattern: idPattern(String.raw`[1-9]\d{10}`), accept: check.isTurkishId },
  { pattern: idPattern(String.raw`[STFG]\d{7}[A-Z]`), accept: check.isNric },
  { pattern: idPattern(String.raw`\d{2}${MONTH}${DAY} ?\d{4} ?[012][89]\d`), accept: hasLuhnChecksum },
  { pattern: idPattern(String.raw`[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]`) },
  {
    pattern: idPattern(String.raw`${NO_GROUP_BEFORE}[2-9]\d{3}([ -])\d{4}\1\d{4}(?!\1\d)`),
    accept: check.hasVerhoeffChecksum,
  },
  {
    pattern: idPattern(String.raw`${NO_GROUP_BEFORE}\d{4}([ -])\d{4}\1\d{4}(?!\1\d)`),
    accept: check.isMyNumber,
  },
  // Norway; Estonia and Lithuania; Latvia; Bulgaria; Croatia and Germany; Serbia and its neighbours; Greece; Belgium.
  { pattern: idPattern(String.raw`[0-7]\d[0189]\d\d{2} ?\d{5}`), accept: check.isNorwegianId },
  { pattern: idPattern(String.raw`[1-6]\d{2}${MONTH}${DAY}\d{4}`), accept: check.isBalticId },
  { pattern: idPattern(String.raw`(?:${DAY}${MONTH}\d{2}-[012]\d{4}|32\d{4}-\d{5})`) },
  { pattern: idPattern(String.raw`\d{2}(?:[024][1-9]|[135][0-2])${DAY}\d{4}`), accept: check.isEgn },
  // The check digit of an OIB and of a German tax number fits every tenth number of eleven digits: without a name, groups are required.
  { pattern: idPattern(String.raw`\d{2} \d{3} \d{3} \d{3}`), accept: check.isOib },
  { pattern: idPattern(String.raw`${DAY}${MONTH}[09]\d{2}\d{6}`), accept: check.isJmbg },
  { pattern: idPattern(String.raw`${DAY}${MONTH}\d{7}`), accept: hasLuhnChecksum },
  {
    pattern: idPattern(String.raw`\d{2}${MONTH}${DAY}\d{5}|\d{2}[.-]${MONTH}[.-]${DAY}[ .-]\d{3}[.-]\d{2}`),
    accept: check.isBelgianId,
  },
  // Denmark, Iceland; Austria; Ireland; United Kingdom: NHS, driving licence.
  { pattern: idPattern(String.raw`${DAY}${MONTH}\d{2}-\d{4}`) },
  { pattern: idPattern(String.raw`[1-9]\d{3} ?${DAY}${MONTH}\d{2}`), accept: check.isAustrianId },
  { pattern: idPattern(String.raw`\d{7}[A-W][A-IW]?`), accept: check.isPps },
  { pattern: idPattern(String.raw`${NO_GROUP_BEFORE}\d{3} \d{3} \d{4}`), accept: check.isNhsNumber },
  { pattern: idPattern(String.raw`[A-Z9]{5}\d[0156]\d${DAY}\d[A-Z9]{2}\d?[A-Z\d]{2,4}`) },
  // Pension insurance of Germany; Medicare of the USA; SIN of Canada; TFN of Australia.
  { pattern: idPattern(String.raw`\d{2} ?${DAY}${MONTH}\d{2} ?[A-Z] ?\d{3}`) },
  {
    pattern: idPattern(
      String.raw`[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y\d]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y\d]\d-?[AC-HJKMNP-RT-Y]{2}\d{2}`,
    ),
  },
  {
    pattern: idPattern(String.raw`${NO_GROUP_BEFORE}[1-9]\d{2}([ -])\d{3}\1\d{3}(?!\1\d)`),
    accept: check.isSin,
  },
  { pattern: idPattern(String.raw`${NO_GROUP_BEFORE}\d{3} \d{3} \d{3}(?! \d)`), accept: check.isTfn },
  // Taiwan, Hong Kong, Thailand, Malaysia, Pakistan, United Arab Emirates, Egypt, Kazakhstan, Russia.
  { pattern: idPattern(String.raw`[A-Z][1289]\d{8}`), accept: check.isTaiwaneseId },
  { pattern: idPattern(String.raw`[A-Z]{1,2}\d{6}(?:\([\dA]\)|[\dA])`), accept: check.isHongKongId },
  { pattern: idPattern(String.raw`[1-8]([ -])\d{4}\1\d{5}\1\d{2}\1\d|[1-8]\d{12}`), accept: check.isThaiId },
  { pattern: idPattern(String.raw`\d{2}${MONTH}${DAY}-\d{2}-\d{4}`) },
  { pattern: idPattern(String.raw`\d{5}-\d{7}-\d`) },
  { pattern: idPattern(String.raw`784-?(?:19|20)\d{2}-?\d{7}-?\d`) },
  { pattern: idPattern(String.raw`[23]\d{2}${MONTH}${DAY}(?:0[1-4]|[12]\d|3[1-5]|88)\d{5}`) },
  { pattern: idPattern(String.raw`\d{2}${MONTH}${DAY}[0-6]\d{5}`), accept: check.isKazakhId },
  { pattern: idPattern(String.raw`\d{3}-\d{3}-\d{3}[ -]\d{2}`), accept: check.isSnils },
  // RFC of Mexico; RUT of Chile without dots; Dominican Republic; GSTIN and driving licence of India.
  { pattern: idPattern(String.raw`[A-ZÑ&]{3,4}\d{2}${MONTH}${DAY}[A-Z\d]{2}[A\d]`) },
  { pattern: idPattern(String.raw`\d{7,8}-[\dkK]`), accept: check.isRut },
  { pattern: idPattern(String.raw`\d{3}-\d{7}-\d`), accept: hasLuhnChecksum },
  { pattern: idPattern(String.raw`\d{2}[A-Z]{5}\d{4}[A-Z][A-Z\d]Z[A-Z\d]`) },
  { pattern: idPattern(String.raw`[A-Z]{2}[ -]?\d{2}[ -]?(?:19|20)\d{2}[ -]?\d{7}`) },
  // Driving licences of Ontario and Quebec.
  { pattern: idPattern(String.raw`[A-Z]\d{4}-\d{5,6}-\d{2,5}`) },
  // The two last lines of a machine-readable passport or identity card.
  {
    needs: '<',
    pattern:
      /(?<![\w<])[A-Z][A-Z<][A-Z]{1,3}<{0,2}[A-Z]{1,30}(?:<{1,2}[A-Z]{1,30}){1,6}<{2,40}|(?<![\w<])[A-Z\d<]{5,15}\d[A-Z<]{1,3}\d{7}[MFX<]\d{7}[A-Z\d<]{0,20}|(?<![\w<])\d{7}[MFX<]\d{7}[A-Z]{1,3}<{2,20}\d?|(?<![\w<])[A-Z]{2,30}<<[A-Z]{2,30}(?:<[A-Z]{1,30}){0,4}<{2,40}/g,
  },
]);

function idPattern(form: string): RegExp {
  return new RegExp(String.raw`(?<![\w.-]|[\w.-]/)(?:${form})(?![\w-]|[.,/]\d)`, 'g');
}
