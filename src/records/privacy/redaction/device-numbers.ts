/** Numbers of devices, vehicles and banks: by check digits, or after a name. */
import { once } from '../../../common/collections/once.js';
import { hasLuhnChecksum, isBankCode, isVin } from './checks/checksums.js';
import { acceptUnlessReference, type Finder } from './finder.js';
import { matchAt, type NamedValue } from './named-values.js';

/** Between a name and its value: " number is ", '": "'. */
const LINK = String.raw`(?:[ _-]?(?:numbers?|no|nr|nummer|code|id|#))?[.)]?["'*]{0,3}(?: (?:is|ist|est|es|è|é|of|for|my)){0,3}[\s:=#：]{0,3}["'(]{0,2}`;

/** A BIC in capitals, as other words of eight letters are not. */
const BIC = /[A-Z]{6}[A-Z\d]{2}(?:[A-Z\d]{3})?(?!\w)/y;

/** Names, and the values after them. */
const NAMED: readonly (readonly [names: string, value: RegExp, accept?: (value: string) => boolean])[] = [
  // The check digit of a vehicle is not used outside of North America and China.
  [
    'vin|vehicle identification|chassis|fahrgestell-?|fahrzeugidentifizierungs-?|fin|châssis|bastidor|telaio|chassi|шасси|车架号',
    /(?=[A-Z]{0,16}\d)(?:[A-HJ-NPR-Z\d][ -]?){13}\d{4}(?!\w)/iy,
  ],
  [
    '(?:licen[cs]e|number|registration) plate|(?:kfz-?)?kennzeichen|nummernschild|plaque|immatriculation|matrícula|targa|kenteken|госномер|车牌号?',
    /(?=[^\d\n]{0,8}\d)(?=[\d -]{0,6}\p{Lu})[\p{Lu}\d]{1,4}(?:[ -]?[\p{Lu}\d]{1,4}){1,3}(?![\p{L}\p{N}])/uy,
  ],
  ['imei(?:sv)?|meid|iccid|imsi|esn', /(?:\d[ -]?){13,21}\d(?!\w)|[\dA-F]{14}(?!\w)/iy],
  ['idfa|idfv|gaid|aaid|advertising|ad', /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?!\w)/iy],
  [String.raw`bic(?: ?/ ?swift| ?\(swift\))?|swift(?:[ -]?code|[ /-]{1,3}bic|(?= ?[:=]))`, BIC, isBankCode],
  // Swift is a language, too.
  ['swift', BIC, (bic) => /\d|XXX/.test(bic) && isBankCode(bic)],
  ['sort|bsb', /(?:\d{2}([ -]?)\d{2}\1\d{2}|\d{3}-?\d{3})(?!\w|-\d)/y],
  ['ifsc|upi|vpa', /(?:[A-Z]{4}0[A-Z\d]{6}|[\w.-]{2,60}@[a-z]{2,20})(?![\w.])/iy],
];

export const namedDeviceNumbers = /* @__PURE__ */ once((): readonly NamedValue[] =>
  NAMED.map(([names, value, accept]) => ({
    kind: 'id',
    name: new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${names})${LINK}(?=[\p{L}\d])`, 'giu'),
    valueAt: (text, at) => {
      const range = matchAt(value)(text, at);
      return range && accept?.(text.slice(range.start, range.end)) === false ? undefined : range;
    },
  })),
);

export const deviceNumbers = /* @__PURE__ */ once((): readonly Finder[] => [
  finder(/(?<![\w-])(?=[A-Z]{0,16}\d)(?=\d{0,4}[A-Z])[A-HJ-NPR-Z\d]{13}\d{4}(?![\w-])/g, isVin),
  // An IMEI begins with the code of the body that allots it, of which four are in use.
  finder(
    /(?<![\w.-]|\d )(?:\d{2}-\d{6}-\d{6}-\d|(?:01|35|86|99)(?:\d{13}|\d{4} \d{2} \d{6} \d|(?: ?\d){4} \d{6} \d))(?![\w-]|[.,]\d| \d)/g,
    (imei) => hasLuhnChecksum(imei.replaceAll(/\D/g, '')),
  ),
  // The BIC of a head office.
  finder(/(?<![\w-])[A-Z]{6}[A-Z\d]{2}XXX(?![\w-])/g, isBankCode),
]);

function finder(pattern: RegExp, isValid: (candidate: string) => boolean): Finder {
  return {
    kind: 'id',
    pattern,
    accept: (candidate, before, after) =>
      isValid(candidate) ? acceptUnlessReference(candidate, before, after) : 0,
  };
}
