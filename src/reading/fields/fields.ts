import { once } from '../../common/collections/once.js';
import type { NamedAttributes, SpanAttributes } from '../model/attributes.js';

/** One value that a span may have: the attribute names it is written under, and how it is read. */
export interface Field<T> {
  /** In order of precedence. */
  readonly names: readonly string[];
  /** Returns `undefined` if the value is unusable; then the next name is tried. */
  readonly read: (value: unknown, name: string) => T | undefined;
}

/** Makes a field: `field(toText, 'llm.model_name', 'llm.model')`. */
export function field<T>(read: Field<T>['read'], ...names: readonly string[]): Field<T> {
  return { names, read };
}

/** One field for each member of `T`. */
export type FieldsOf<T> = { readonly [K in keyof T]-?: Field<Exclude<T[K], undefined>> };

/** Index of fields by attribute name. Made by {@link fieldTable}. */
export type FieldTable<G extends object> = () => ReadonlyMap<string, Target<G>>;

/** The member that an attribute is read into. */
interface Target<G extends object> {
  readonly group: keyof G;
  readonly member: string;
  readonly field: Field<unknown>;
}

/** Fields, grouped by the object that they are read into. */
export type FieldGroups<G extends object> = { readonly [K in keyof G]: FieldsOf<G[K]> };

/** The objects that fields are read into. Members without an attribute are absent. */
export type Found<G extends object> = { readonly [K in keyof G]: { -readonly [M in keyof G[K]]?: G[K][M] } };

/** Makes an index of fields by attribute name, which is built when it is first read: most applications see spans of few dialects. */
export function fieldTable<G extends object>(groups: FieldGroups<G>): FieldTable<G> {
  return once(() => {
    const targets = new Map<string, Target<G>>();
    for (const group in groups) {
      for (const [member, ofMember] of Object.entries<Field<unknown>>(groups[group])) {
        for (const name of ofMember.names) targets.set(name, { group, member, field: ofMember });
      }
    }
    return targets;
  });
}

/**
 * Reads the fields of a table into `found` and returns it. One pass over the attributes, because a span has far fewer attributes than
 * the table has names (test/bench/reading.mjs).
 */
export function readFields<G extends object>(
  { attributes, names }: NamedAttributes,
  table: FieldTable<G>,
  found: Found<G>,
): Found<G> {
  const targets = table();
  for (const name of names) {
    const target = targets.get(name);
    if (target === undefined) continue;
    const { field: wanted, member } = target;
    const group = found[target.group] as Record<string, unknown>;
    const value =
      group[member] === undefined
        ? wanted.read(attributes[name], name)
        : readByPrecedence(attributes, wanted);
    if (value !== undefined) group[member] = value;
  }
  return found;
}

/** Reads a field that stands under several names at once: the first usable value in order of precedence. */
function readByPrecedence(attributes: SpanAttributes, { names, read }: Field<unknown>): unknown {
  for (const name of names) {
    const value = read(attributes[name], name);
    if (value !== undefined) return value;
  }
  return undefined;
}
