import { listTopics, TOPIC_KIND } from '../audience/topics.js';
import type { RecordStore } from '../engines/record-store.js';
import { changeState, listStates } from '../insights/alerts/alert-documents.js';
import { keyOf, type AlertState, type AlertSubject } from '../insights/alerts/alert-state.js';
import { dimensionOf } from '../model/measure/dimensions.js';
import { holdsNames } from '../model/privacy/without-texts.js';
import type { RecordQuery } from '../query/record-query.js';

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

/** Forgets found topics with a term that nobody has asked with any more. What is left of them is found again. */
async function forgetLostTopics(store: RecordStore): Promise<boolean> {
  let hasChanged = false;
  for (const { id, isFound, terms = [] } of await listTopics(store.documents)) {
    if (
      !isFound ||
      (await haveRecords(
        store,
        terms.map((text) => ({ terms: [{ text, in: 'asked' }] })),
      ))
    )
      continue;
    hasChanged = (await store.documents.delete(TOPIC_KIND, id)) || hasChanged;
  }
  return hasChanged;
}

/** Takes values out of the states of rules by a property that can hold texts, if no record has them any more. */
async function forgetLostValues(store: RecordStore, kept: ReadonlySet<string>): Promise<boolean> {
  let hasChanged = false;
  for (const [name, { state }] of await listStates(store.documents)) {
    const property = textPropertyOf(state, kept);
    if (property === undefined) continue;
    const lost = new Set<string>();
    for (const value of valuesOf(state)) {
      const query = { properties: [{ name: property, values: [value] }] };
      if (!(await haveRecords(store, [query]))) lost.add(value);
    }
    if (lost.size === 0) continue;
    await changeState(store.documents, name, (latest) => without(latest, lost));
    hasChanged = true;
  }
  return hasChanged;
}

async function haveRecords(store: RecordStore, queries: readonly RecordQuery[]): Promise<boolean> {
  for (const query of queries) if ((await store.list(query, { limit: 1 })).records.length === 0) return false;
  return true;
}

/** Returns the property that a state has values of; undefined for one that holds names. */
function textPropertyOf({ about }: AlertState, kept: ReadonlySet<string>): string | undefined {
  const dimension = dimensionOf(about.slice(about.indexOf(' by ') + ' by '.length));
  if (typeof dimension !== 'object' || holdsNames(dimension.property, kept)) return undefined;
  return dimension.property;
}

function valuesOf({ alerting, pending, history }: AlertState): ReadonlySet<string> {
  const subjects = [...alerting, ...pending, ...history.flatMap(({ changes }) => changes)];
  return new Set(subjects.map(keyOf).filter((value) => value !== ''));
}

function without(state: AlertState, lost: ReadonlySet<string>): AlertState {
  const isKept = (subject: AlertSubject): boolean => !lost.has(keyOf(subject));
  return {
    ...state,
    alerting: state.alerting.filter(isKept),
    pending: state.pending.filter(isKept),
    history: state.history.map((entry) => {
      const changes = entry.changes.filter(isKept);
      return { ...entry, changes, more: entry.more + entry.changes.length - changes.length };
    }),
  };
}
