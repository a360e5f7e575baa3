/** E-mail addresses, and phone numbers that are recognised without a word in front. */
import { once } from '../../../common/collections/once.js';
import { acceptUnlessReference, type Finder } from './finder.js';

/** Words for "@" and "." in addresses that are written to mislead programs. */
const AT_WORD =
  '(?:at|arroba|arobase|chiocciola|kukac|małpa|malpa|zavináč|zavinac|snabel-?a|alfakr[øo]ll|æt|ät|miukumauku|собака|собачка|παπάκι|et|a|@)';
const DOT_WORD =
  '(?:dot|punto|punkt|point|ponto|punkt|piste|pont|kropka|tečka|tecka|bodka|prikk|точка|крапка|τελεία|nokta|\\.)';
const AT = String.raw`(?:@|%40|&#0?64;|&#x40;|&commat;|\\u0040| ?[[({<] ?${AT_WORD} ?[\])}>] ?| {1,2}@ {1,2}|@ | @)`;
const DOT = String.raw`(?:\.|%2e|&#46;| ?[[({<] ?${DOT_WORD} ?[\])}>] ?)`;

export const emails = /* @__PURE__ */ once((): readonly Finder[] => [
  {
    kind: 'email',
    pattern: new RegExp(
      String.raw`(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+'#-]{1,64}${AT}(?:[\p{L}\p{N}_-]{1,63}${DOT}){1,8}(?:\p{L}{2,24}|xn--[a-z\d-]{2,40})(?![\p{L}\p{N}]|\.[\p{L}\p{N}]|:[\w~/])`,
      'giu',
    ),
  },
  // "ada lovelace"@example.com
  { kind: 'email', needs: '"@', pattern: /"[^"\n@]{1,64}"@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/giu },
  // ada@[203.0.113.5]
  { kind: 'email', needs: '@[', pattern: /(?<![\w.%+-])[\w.%+-]{1,64}@\[[\da-f.:]{7,40}\]/gi },
  // ada at example dot com, carlos arroba example punto es
  {
    kind: 'email',
    pattern: new RegExp(
      String.raw`(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{2,64}(?: (?:dot|punto|punkt|point|ponto|kropka) [\p{L}\p{N}_-]{1,40}){0,2} ${AT_WORD} [\p{L}\p{N}-]{2,63}(?: ${DOT_WORD} [\p{L}\p{N}-]{2,63}){0,3} ?${DOT_WORD} ?(?:com|org|net|edu|io|dev|info|gov|[a-z]{2})(?![\p{L}\p{N}])`,
      'giu',
    ),
  },
]);

/** After a number and a space, digits are a part of a longer number; after `?x=`, a parameter of a URL. */
const NO_NUMBER_BEFORE = String.raw`(?<!\d[ .,]|[?&]\w{1,20}=)`;

export const phones = /* @__PURE__ */ once((): readonly Finder[] => [
  // +49 170 1234567, +1 (415) 555-0132
  {
    kind: 'phone',
    needs: '+',
    pattern: /(?<![\w+])\+ ?[1-9](?:[ ()./-]{0,3}\d){6,14}(?!\w)/g,
    accept: acceptForeignPhone,
  },
  // wa.me/5511984372961, api.whatsapp.com/send?phone=…
  {
    kind: 'phone',
    pattern:
      /(?<=(?:wa\.me\/|t\.me\/\+|whatsapp\.com\/send\/?\?phone=|(?:tel|sms|callto|whatsapp|facetime):(?:\/\/)?)(?:\+|%2B)?)\d{7,15}(?!\w)/gi,
  },
  // (415) 555-0132, 415-555-0132, 1-800-555-0199
  {
    kind: 'phone',
    pattern: /(?<![\w.-])(?:1[-. ])?(?:\(\d{3}\)[ -]?|\d{3}[-. /])\d{3}[-. ]\d{4}(?![\w-])/g,
    accept: acceptUnlessReference,
  },
  // (11) 91234-5678 in Brazil, 8 (912) 345-67-89 in Russia, (020) 7946 0958
  {
    kind: 'phone',
    pattern:
      /(?<![\w.-])(?:\(0?\d{2,4}\) ?\d{3,5}[- ]?\d{2,4}(?:[- ]\d{2,4})?|8[ -]?(?:\(\d{3}\)|9\d{2})[ -]?\d{3}[ -]\d{2}[ -]\d{2})(?![\w-])/g,
    accept: (candidate) => (candidate.replaceAll(/\D/g, '').length >= 9 ? candidate.length : 0),
  },
  // 1300 456 789 in Australia
  {
    kind: 'phone',
    pattern: /(?<![\w.,-]|\d )1[38]00 \d{3} \d{3}(?![\w-]| \d)/g,
    accept: acceptUnlessReference,
  },
  // Mobile numbers of Spain, Italy, India, China and Brazil, whose groups are unlike those of other numbers.
  {
    kind: 'phone',
    pattern:
      /(?<![\w.,-]|\d )(?:[679]\d{2}(?: \d{2}){3}|3[2-9]\d \d{7}|3[2-9]\d \d{3} \d{4}|[6-9]\d{4}[ -]\d{5}|[1-9]\d 9\d{4}[ -]\d{4}|1[3-9]\d([ -])\d{4}\1\d{4}|1[3-9]\d{9})(?![\w-]| \d)/g,
    accept: acceptUnlessReference,
  },
  // Norway, Mexico, Argentina, Chile; Poland, Czech Republic and Spain with hyphens.
  {
    kind: 'phone',
    pattern:
      /(?<![\w.,-]|\d )(?:[49]\d{2} \d{2} \d{3}|(?:33|5[56]|81|9) \d{4} \d{4}|11 \d{4}-\d{4}|(?:45|5[0137]|6\d|7[02-9])\d-\d{3}-\d{3})(?![\w-]|[.,]\d| \d)/g,
    accept: acceptUnlessReference,
  },
  // Groups as those of large numbers have, on a line of their own.
  {
    kind: 'phone',
    pattern: /(?<=^[ \t*•-]{0,4})(?:45|5[0137]|6\d|7[02-9]|9[1-36])\d \d{3} \d{3}(?=[ \t]{0,4}[,;]?$)/gm,
  },
  // After the code of a country: DK 20 12 34 56, SG 9123 4567
  {
    kind: 'phone',
    pattern:
      /(?<=(?<![\p{L}\p{N}])(?:CZ|DK|EE|ES|GR|HK|LT|LV|PL|PT|SG|SK):? )(?:\d{2}(?: \d\d){3}|[2-9]\d{2}([ -])\d{3}\1\d{3}|[2-9]\d{3} \d{4}|[5-79]\d{8})(?![\w-]|[.,]\d| \d)/gu,
  },
  // 0170 1234567, 020 7946 0958, 06 12 34 56 78, 0049 30 123456
  {
    kind: 'phone',
    pattern: new RegExp(
      String.raw`(?<![\w.,/-]|\d:)${NO_NUMBER_BEFORE}0\d(?:[ ()/.-]{0,3}\d){7,13}(?!\w|-\d)`,
      'g',
    ),
    accept: acceptNationalPhone,
  },
]);

/** Without separators, ten digits are required: `+1234567 points` is no phone. `2 + 1234567890` is a sum. */
function acceptForeignPhone(candidate: string, before: string): number {
  if (candidate[1] === ' ' && /[\p{L}\d)\]] $/u.test(before)) return 0;
  const digits = candidate.replaceAll(/\D/g, '');
  return digits.length >= (/\d[ ()./-]/.test(candidate) ? 8 : 10) ? candidate.length : 0;
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
  if (/^0+$/.test(digits)) return 0;
  if (groups.length === 1 && (/^00|^0123456789/.test(digits) || digits.length > 12)) return 0;
  return acceptUnlessReference(candidate, before.replace(/=$/, ''), after);
}
