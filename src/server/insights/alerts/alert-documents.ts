import { isRecord } from '../../../common/unknown-values.js';
import type { PropertyValue } from '../../../records/model/prompt-record.js';
import {
  NOT_STORED,
  VersionConflictError,
  type DocumentStore,
  type StoredDocument,
} from '../../engines/document-store.js';
import { BadQueryError } from '../../query/parse-query.js';
import { parseRule, RULE_KIND, type AlertRule } from './alert-rule.js';
import type { AlertState } from './alert-state.js';

/** Kind of the documents with the states of rules, by the name of the rule. Only servers write them. */
export const ALERT_KIND = 'alert';
/** Rules that are evaluated, by name. */
export const MAX_RULES = 100;
/** Times that a state is read again because somebody has changed it meanwhile. */
const ATTEMPTS = 5;

/** A document with a rule, and what it says. */
export interface StoredRule {
  readonly document: StoredDocument;
  /** Undefined if it cannot be read. */
  readonly rule: AlertRule | undefined;
  readonly problem: string | undefined;
}

export interface StoredState {
  readonly state: AlertState;
  readonly version: number;
}

export async function listRules(documents: DocumentStore): Promise<readonly StoredRule[]> {
  return (await documents.list(RULE_KIND)).map((document) => {
    try {
      return { document, rule: parseRule(document.name, document.value), problem: undefined };
    } catch (error) {
      if (!(error instanceof BadQueryError)) throw error;
      return { document, rule: undefined, problem: error.message };
    }
  });
}

/** Returns the states of rules, by the name of the rule. */
export async function listStates(documents: DocumentStore): Promise<ReadonlyMap<string, StoredState>> {
  const states = await documents.list(ALERT_KIND);
  return new Map(
    states.flatMap((document) => {
      const stored = toState(document);
      return stored ? [[document.name, stored] as const] : [];
    }),
  );
}

/**
 * Writes a state.
 *
 * @throws VersionConflictError if it is not the version that `stored` has any more
 */
export async function writeState(
  documents: DocumentStore,
  name: string,
  state: AlertState,
  stored: StoredState | undefined,
): Promise<StoredState> {
  const value = state as unknown as PropertyValue;
  const { version } = await documents.put({ kind: ALERT_KIND, name, value }, stored?.version ?? NOT_STORED);
  return { state, version };
}

/** Changes a state that somebody else may be changing. Returns undefined if there is none any more. */
export async function changeState(
  documents: DocumentStore,
  name: string,
  change: (state: AlertState) => AlertState,
): Promise<StoredState | undefined> {
  for (let attempt = 1; ; attempt++) {
    const document = await documents.get(ALERT_KIND, name);
    const stored = document && toState(document);
    if (!stored) return undefined;
    try {
      return await writeState(documents, name, change(stored.state), stored);
    } catch (error) {
      if (!(error instanceof VersionConflictError) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Deletes the state of a rule that does not exist any more. */
export async function deleteState(documents: DocumentStore, name: string): Promise<void> {
  await documents.delete(ALERT_KIND, name);
}

/** Nobody but servers writes states, so that only their lists are checked: of a later version, they may be others. */
function toState({ value, version }: StoredDocument): StoredState | undefined {
  if (!isRecord(value)) return undefined;
  const lists = [value['alerting'], value['pending'], value['history']];
  return lists.every(Array.isArray) ? { state: value as unknown as AlertState, version } : undefined;
}
