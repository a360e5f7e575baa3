/** Dates of birth, which are dates after a name, and coordinates. */
import { once } from '../../../common/collections/once.js';
import type { Finder } from './finder.js';
import { anyOf } from './names/any-of.js';
import { BIRTH_NAMES } from './names/birth-names.js';
import { matchAt, type NamedValue } from './named-values.js';

/** Earlier births are those of books of history. */
const YEAR = String.raw`(?:19\d\d|20[0-2]\d)`;
const DAY = String.raw`(?:3[01]|[12]\d|0?[1-9])`;
const MONTH = '(?:1[0-2]|0?[1-9])';
const MONTH_NAME = String.raw`\p{L}[\p{L}\p{M}]{2,11}`;

const DATES = [
  // 1985-03-12, 12.03.1985, 3/12/85, 12 03 1985, 19850312, 12031985
  String.raw`${YEAR}(?<a>[./-] ?| )${MONTH}\k<a>${DAY}`,
  String.raw`(?:${DAY}(?<b>[./-] ?| )${MONTH}|${MONTH}(?<c>[./-])${DAY})\k<b>\k<c>(?:${YEAR}|\d\d)`,
  String.raw`${YEAR}[01]\d[0-3]\d|[0-3]\d[0-3]\d${YEAR}`,
  // 12 March 1985, 12th of March, 1985, 12. März 1985, 12 de marzo de 1985; March 12, 1985
  String.raw`${DAY}(?:st|nd|rd|th|er|\.|º)?[ -]{1,2}(?:of |de |d['’])?${MONTH_NAME}\.?,?[ -](?:de )?(?:${YEAR}|\d\d)`,
  String.raw`${MONTH_NAME}\.? ${DAY}(?:st|nd|rd|th)?,? ${YEAR}`,
  // 1985年3月12日, 昭和60年3月12日, 1985년 3월 12일
  String.raw`(?:${YEAR}|\p{Script=Han}{2}\d{1,2})[年년] ?${MONTH}[月월] ?${DAY}[日일]`,
].join('|');

/** Up to four words between a name and its date: "is on", "in Paris on the". After some of them the date is another one. */
const WORDS = String.raw`(?:[ ,]{1,2}(?!(?:party|cake|gift|card|format|field|column|before|after|since|until|between|from|updated|changed|expires?|valid)(?!\p{L}))[\p{L}\p{M}'’]{1,14}|,? ?\([^()\n]{1,16}\)){0,4}?`;

export const namedBirthsAndPlaces = /* @__PURE__ */ once((): readonly NamedValue[] => [
  {
    kind: 'birthdate',
    name: new RegExp(
      String.raw`(?<![\p{L}\p{N}])(?:${anyOf(...BIRTH_NAMES)})(?![\p{L}\p{M}](?<![\u2e80-\uffff]))${WORDS}["'*]{0,3}[\s,:=：–—はが是為为는은-]{0,4}["'*]{0,2}(?=\d|${MONTH_NAME}\.? \d|\p{Script=Han}{2}\d)`,
      'giu',
    ),
    valueAt: matchAt(new RegExp(String.raw`(?:${DATES})(?!\d|[./-]\d)`, 'iuy')),
  },
  // lat 48.8584, "longitude": 2.2945
  {
    kind: 'location',
    name: /(?<![a-z])(?:lat|lon|lng|long(?=["']? ?[:=])|latitude?|longitude?|breitengrad|längengrad|широта|долгота|[纬緯]度|[经経經]度|위도|경도)["']?(?: is | ?[:=：] ?| )["']?(?=[-+]?\d)/gi,
    valueAt: matchAt(/[-+]?\d{1,3}\.\d{3,}(?!\d)/y),
  },
]);

export const birthsAndPlaces = /* @__PURE__ */ once((): readonly Finder[] => [
  { kind: 'birthdate', needs: '日', pattern: /(?:19|20)\d\d年\d{1,2}月\d{1,2}日(?= ?(?:生|出生))/g },
  // 48.137154, 11.576124
  {
    kind: 'location',
    needs: '.',
    pattern:
      /(?<![\w.,+-]|\d[ ,;]{1,2})[-+]?\d{1,3}\.\d{4,15}°?(?:, ?|,?%20|;|%2C)[-+]?\d{1,3}\.\d{4,15}(?!\w|[.,;]? ?[-+]?\d+\.\d)/g,
    accept: acceptPair,
  },
  // 37.7749° N; 48°08'14.0"N; 48° 8.250' N
  {
    kind: 'location',
    needs: '°',
    pattern:
      /(?<![\w.])[-+]?\d{1,3}(?:\.\d{3,15} ?°|° ?\d{1,2}(?:['′’] ?\d{1,2}(?:[.,]\d{1,6})?(?:["″”]|'')|\.\d{2,6}['′’])) ?[NSEWO](?!\w)/g,
  },
]);

/** Accepts degrees of latitude and longitude, in either order. Without a word about a place, they need five decimals. */
function acceptPair(candidate: string, before: string): number {
  const degrees = candidate.match(/\d+\.\d+/g) ?? [];
  const [smaller = 0, larger = 0] = degrees.map(Number).sort((one, other) => one - other);
  if (smaller > 90 || larger > 180) return 0;
  if (/(?:geo:|gps|coordinat\w*|location|position|[?&]\w{0,12}=|[@/]) ?[:=]? ?[([]{0,3}$/i.test(before))
    return candidate.length;
  const isResult =
    /(?:loss|mean|std|score|accuracy|error|rmse|mae|price|rate|range|interval|tensor|array|vector|matrix|embedding|weights?|bbox|coords|[xyz]) ?[=:(]? ?[([]{0,3}$/i;
  return larger >= 10 && degrees.every((each) => /\.\d{5}/.test(each)) && !isResult.test(before)
    ? candidate.length
    : 0;
}
