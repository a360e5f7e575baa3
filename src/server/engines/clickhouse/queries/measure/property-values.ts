import { WHITE_SPACE } from '../asked-text.js';

/** Values of the placeholders of {@link propertyNumber}: white space is that of JavaScript, not of RE2. */
export const NUMBER_PATTERNS = {
  number: String.raw`(?i)^(${WHITE_SPACE})?[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?(${WHITE_SPACE})?$`,
  // Values that the conversion does not accept.
  besideNumber: String.raw`^(${WHITE_SPACE})?\+?|${WHITE_SPACE}$`,
};

/** A call within a turn: `turnOf()` is defined. */
const IS_CALL = `(kind = 'event' AND startsWith(properties['turn_id'], '"') AND properties['turn_id'] != '""')`;

/**
 * Returns the text by which a property groups, as `valueText()` gives it: empty without a value.
 *
 * @param parameter of the property's name
 */
export function propertyText(parameter: string): string {
  const json = jsonOf(parameter);
  return `if(${json} = 'null', '', ${textOf(json)})`;
}

/** Returns the number of a property, as `toNumber()` reads it: null if it is none, and for calls within a turn. */
export function propertyNumber(parameter: string): string {
  const text = textOf(jsonOf(parameter));
  const number = `toFloat64OrNull(replaceRegexpAll(${text}, {besideNumber:String}, ''))`;
  return `if(NOT ${IS_CALL} AND match(${text}, {number:String}) AND isFinite(${number}), ${number}, NULL)`;
}

/** Properties are kept as JSON; a missing one reads as the empty text. */
function jsonOf(parameter: string): string {
  return `properties[{${parameter}:String}]`;
}

function textOf(json: string): string {
  return `if(startsWith(${json}, '"'), JSONExtractString(concat('[', ${json}, ']'), 1), ${json})`;
}
