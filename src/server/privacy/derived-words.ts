import { forgetFoundTopics, listTopics } from '../audience/topics.js';
import type { RecordStore } from '../engines/record-store.js';
import { changeState, listStates } from '../insights/alerts/alert-documents.js';
import {
  keyOf,
  measureAndDimension,
  type AlertState,
  type AlertSubject,
} from '../insights/alerts/alert-state.js';
import { Pacer } from '../insights/topics/pacer.js';
import { dimensionOf } from '../model/measure/dimensions.js';
import { isNameOf } from '../model/privacy/kept-values.js';
import { toSearchable } from '../model/search-text.js';
import { askedText } from '../model/stored-record.js';
import { createTermTest } from '../query/match-term.js';
import type { RecordQuery } from '../query/record-query.js';

/** Records that are read one after the other. Terms that none of them has are rare, and a database has an index for those. */
const MAX_READ = 100_000;

/**
 * Takes words out of documents that were derived from texts, and that no text or property has any more: found topics, and what alerts say of values of properties. Call it when
 * texts are gone, and remove earlier versions from the disk afterwards if it returns true.
 *
 * @param kept properties that hold no texts, besides those that are known
 */
export async function forgetDerivedWords(store: RecordStore, kept: ReadonlySet<string>): Promise<boolean> {
  const [topics, alerts] = [await forgetLostTopics(store), await forgetLostValues(store, kept)];
  return topics || alerts;
}

/**
 * Forgets found topics with a term that nobody has asked with any more. What is left of them is found again.
 *
 * @param ids topics to look at; all of them by default
 */
export async function forgetLostTopics(store: RecordStore, ids?: ReadonlySet<string>): Promise<boolean> {
  const topics = await listTopics(store.documents);
  const found = topics.filter(({ id, isFound }) => isFound && ids?.has(id) !== false);
  const lost = await findLostTerms(store, new Set(found.flatMap(({ terms = [] }) => terms)));
  if (lost.size === 0) return false;
  return forgetFoundTopics(store.documents, ({ terms = [] }) => terms.some((term) => lost.has(term)));
}

/** Returns the terms that nobody has asked with. Terms are frequent words: the first records have nearly all of them. */
async function findLostTerms(store: RecordStore, terms: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const left = new Map(Array.from(terms, (term) => [term, createTermTest(term)]));
  if (left.size === 0) return terms;
  const pacer = new Pacer();
  let read = 0;
  for await (const chunk of store.export({})) {
    for (const record of chunk) {
      const text = toSearchable(askedText(record));
      for (const [term, isIn] of left) if (isIn(text)) left.delete(term);
      if (left.size === 0) return new Set();
      await pacer.rest();
    }
    read += chunk.length;
    if (read >= MAX_READ) break;
  }
  if (read >= MAX_READ)
    for (const text of left.keys())
      if (await hasRecord(store, { terms: [{ text, in: 'asked' }] })) left.delete(text);
  return new Set(left.keys());
}

/** Takes values that are no names out of the states of rules by a property, if no record has them any more. */
async function forgetLostValues(store: RecordStore, kept: ReadonlySet<string>): Promise<boolean> {
  let hasChanged = false;
  for (const [name, { state }] of await listStates(store.documents)) {
    const lost = new Set<string>();
    for (const [id, { property, value }] of valuesOf(state)) {
      if (isNameOf(property, value, kept)) continue;
      const query = { properties: [{ name: property, values: [value] }] };
      if (!(await hasRecord(store, query))) lost.add(id);
    }
    if (lost.size === 0) continue;
    await changeState(store.documents, name, (latest) => without(latest, lost));
    hasChanged = true;
  }
  return hasChanged;
}

async function hasRecord(store: RecordStore, query: RecordQuery): Promise<boolean> {
  return (await store.list(query, { limit: 1 })).records.length > 0;
}

/** A value of a property in the state of a rule. */
interface StateValue {
  readonly property: string;
  readonly value: string;
}

/** Returns the values of properties in a state, by their ids. An entry of the history may be about another property than the rule now. */
function valuesOf({ about, alerting, pending, history }: AlertState): ReadonlyMap<string, StateValue> {
  const found = new Map<string, StateValue>();
  const add = (dimension: string, subjects: readonly AlertSubject[]): void => {
    const property = propertyIn(dimension);
    for (const value of property === undefined ? [] : subjects.map(keyOf))
      if (property !== undefined && value !== '') found.set(idOf(dimension, value), { property, value });
  };
  add(about, [...alerting, ...pending]);
  for (const entry of history) add(entry.about ?? about, entry.changes);
  return found;
}

/** Returns the property of a measure and a dimension; undefined for a dimension that is none. */
function propertyIn(about: string): string | undefined {
  const dimension = dimensionOf(measureAndDimension(about)[1]);
  return typeof dimension === 'object' ? dimension.property : undefined;
}

function idOf(about: string, value: string): string {
  return JSON.stringify([propertyIn(about), value]);
}

function without(state: AlertState, lost: ReadonlySet<string>): AlertState {
  const isKept = (subject: AlertSubject, about = state.about): boolean =>
    !lost.has(idOf(about, keyOf(subject)));
  return {
    ...state,
    alerting: state.alerting.filter((subject) => isKept(subject)),
    pending: state.pending.filter((subject) => isKept(subject)),
    history: state.history.map((entry) => {
      const changes = entry.changes.filter((change) => isKept(change, entry.about));
      return { ...entry, changes, more: entry.more + entry.changes.length - changes.length };
    }),
  };
}
