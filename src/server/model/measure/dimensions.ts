import type { PropertyValue } from '../../../records/model/prompt-record.js';

/** Field or property text that records are grouped by. */
export type Dimension =
  'model' | 'user' | 'thread' | 'tag' | 'event' | 'organization' | { readonly property: string };

/** Groups by the texts of two properties at once, for instance by prompt and version. They are named as {@link pairName} does. */
export interface PropertyPair {
  readonly pair: readonly [first: string, second: string];
}

/** Grouping of a measure; in URLs, only a dimension. */
export type Grouping = Dimension | PropertyPair;

/** Unit separator, which no name contains. */
export const PAIR_SEPARATOR = '\u001F';

/** Returns the name of a group of pairs: empty, as without a value, if there is no second text. The first one may be missing. */
export function pairName(first: string, second: string): string {
  return second === '' ? '' : first + PAIR_SEPARATOR + second;
}

/** Inverse of {@link pairName}. */
export function readPairName(name: string): readonly [first: string, second: string] {
  const end = name.indexOf(PAIR_SEPARATOR);
  return [name.slice(0, Math.max(0, end)), name.slice(end + 1)];
}

/** Property that names the organization of a person, if no other is chosen. */
export const ORGANIZATION_PROPERTY = 'organization_id';

/** The document with the property that names organizations, if somebody has chosen one: `{ property }`. */
export const ORGANIZATION_SETTING = { kind: 'setting', name: 'organization-property' } as const;

export interface KnownDimension {
  /** Name in URLs. */
  readonly name: string;
  /** Name on the page. */
  readonly title: string;
  readonly dimension: Dimension;
}

/** Dimensions with a name of their own, as the page and the API offer them. Every other property is one as well: `prop.<name>`. */
export const KNOWN_DIMENSIONS: readonly KnownDimension[] = [
  { name: 'model', title: 'Model', dimension: 'model' },
  { name: 'user', title: 'Person', dimension: 'user' },
  { name: 'organization', title: 'Organization', dimension: 'organization' },
  { name: 'thread', title: 'Conversation', dimension: 'thread' },
  { name: 'tag', title: 'Tag', dimension: 'tag' },
  { name: 'event', title: 'Event', dimension: 'event' },
  { name: 'release', title: 'Release', dimension: { property: 'service_version' } },
  { name: 'prompt', title: 'Prompt', dimension: { property: 'prompt_name' } },
  { name: 'prompt_version', title: 'Prompt version', dimension: { property: 'prompt_version' } },
  { name: 'environment', title: 'Environment', dimension: { property: 'environment' } },
  { name: 'service', title: 'Service', dimension: { property: 'service_name' } },
  { name: 'provider', title: 'Provider', dimension: { property: 'provider' } },
  { name: 'error', title: 'Error type', dimension: { property: 'error_type' } },
  { name: 'finish_reason', title: 'Finish reason', dimension: { property: 'finish_reason' } },
  { name: 'intent', title: 'Intent', dimension: { property: 'label_intent' } },
  { name: 'sentiment', title: 'Sentiment', dimension: { property: 'label_sentiment' } },
  { name: 'outcome', title: 'Outcome', dimension: { property: 'label_outcome' } },
];

const PROPERTY_PREFIX = 'prop.';

/** Returns the dimension that a name in a URL stands for: a known one, or `prop.<name>`. Undefined for other names. */
export function dimensionOf(name: string): Dimension | undefined {
  if (name.startsWith(PROPERTY_PREFIX) && name.length > PROPERTY_PREFIX.length)
    return { property: name.slice(PROPERTY_PREFIX.length) };
  return KNOWN_DIMENSIONS.find((known) => known.name === name)?.dimension;
}

/** Returns the name of a dimension in URLs. Inverse of {@link dimensionOf}. */
export function dimensionName(dimension: Dimension): string {
  if (typeof dimension === 'string') return dimension;
  const known = KNOWN_DIMENSIONS.find(
    ({ dimension: other }) => typeof other === 'object' && other.property === dimension.property,
  );
  return known?.name ?? PROPERTY_PREFIX + dimension.property;
}

/** Dimensions that read a property. */
export type PropertyDimension = Extract<Dimension, 'organization' | object>;

export function isPropertyDimension(dimension: Dimension): dimension is PropertyDimension {
  return typeof dimension === 'object' || dimension === 'organization';
}

/** Returns the property that a dimension reads. */
export function propertyOf(dimension: PropertyDimension): string {
  return typeof dimension === 'object' ? dimension.property : ORGANIZATION_PROPERTY;
}

/** Returns the name of the filter for one value of a dimension. */
export function filterOf(dimension: Dimension): string {
  return isPropertyDimension(dimension) ? PROPERTY_PREFIX + propertyOf(dimension) : dimension;
}

/** Returns the text by which a property groups its records; undefined for null and the empty text, as without the property. */
export function valueText(value: PropertyValue | undefined): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
