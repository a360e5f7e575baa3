import type { NamedAttributes, SpanAttributes } from '../model/attributes.js';

/** One thing that attributes may say: the names that it stands under, the most explicit first, and how a value is understood. */
export interface Field<T> {
  readonly names: readonly string[];
  /** `undefined` when the value says nothing: then the next name is asked. */
  readonly read: (value: unknown) => T | undefined;
}

/** A field for each member of `T`. */
export type FieldsOf<T> = { readonly [K in keyof T]-?: Field<Exclude<T[K], undefined>> };

/** Fields by group, found by the names of their attributes. */
export interface FieldTable<G extends object> {
  readonly places: ReadonlyMap<string, Place<G>>;
}

interface Place<G extends object> {
  readonly group: keyof G;
  readonly member: string;
  readonly field: Field<unknown>;
}

/** Fields by the objects that they are read into. */
export type FieldGroups<G extends object> = { readonly [K in keyof G]: FieldsOf<G[K]> };

/** What was found: nothing but the members that attributes say. */
export type Found<G extends object> = { readonly [K in keyof G]: { -readonly [M in keyof G[K]]?: G[K][M] } };

/** Makes a table of fields. */
export function fieldTable<G extends object>(groups: FieldGroups<G>): FieldTable<G> {
  const places = new Map<string, Place<G>>();
  for (const group in groups) {
    for (const [member, field] of Object.entries<Field<unknown>>(groups[group])) {
      for (const name of field.names) places.set(name, { group, member, field });
    }
  }
  return { places };
}

/**
 * Reads the fields of a table into `found`, in one pass over the attributes. A span has far fewer attributes than there are names
 * for them, and asking an object for a name that it does not have takes V8 as long as three that it has.
 */
export function readFields<G extends object>(
  { attributes, names }: NamedAttributes,
  { places }: FieldTable<G>,
  found: Found<G>,
): Found<G> {
  for (const name of names) {
    const place = places.get(name);
    if (place === undefined) continue;
    const { field, member } = place;
    const group = found[place.group] as Record<string, unknown>;
    const value = group[member] === undefined ? field.read(attributes[name]) : firstOf(attributes, field);
    if (value !== undefined) group[member] = value;
  }
  return found;
}

/** Under several names at once: the most explicit that says anything. */
function firstOf(attributes: SpanAttributes, { names, read }: Field<unknown>): unknown {
  for (const name of names) {
    const value = read(attributes[name]);
    if (value !== undefined) return value;
  }
  return undefined;
}
