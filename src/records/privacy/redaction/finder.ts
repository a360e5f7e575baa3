import type { PersonalDataKind } from './personal-data-kind.js';

/**
 * A form of personal data that is recognised without a name in front.
 *
 * Every pattern must take linear time: repetitions are bounded, or a look-behind lets them begin only at the start of a word. Otherwise
 * one character would be visited from many starting points.
 */
export interface Finder {
  readonly kind: PersonalDataKind;
  readonly pattern: RegExp;
  /** A text that is in every match. The search is skipped in texts without it, which costs nothing. */
  readonly needs?: string;
  /** Returns the number of characters of a candidate that are personal data, 0 for none. Default: all of them. */
  readonly accept?: (candidate: string, before: string, after: string) => number;
}

/** Words before a number that is no address and no phone. */
const REFERENCE_BEFORE =
  /(?:\b(?:version|release|firmware|build|section|chapter|rev|sku|order|invoice|ticket|customer|serial|article|item|part|case|isbn|issn|oclc|pmid|order id|request id|ean|upc|gtin|asin|barcode|tracking|shipment|batch|lot|model|po|rma|sn)(?: (?:no|nr|number))?|\b(?:up|down)graded? (?:from|to)|[§#=])[ .:#-]{0,3}$/i;
const REFERENCE_AFTER = /^ (?:is version|part|item|points|rows|article)/i;

export function acceptUnlessReference(candidate: string, before: string, after: string): number {
  return REFERENCE_BEFORE.test(before) || REFERENCE_AFTER.test(after) ? 0 : candidate.length;
}
