import type { AlertReading, GroupReading } from './alert-reading.js';
import type { AlertRule } from './alert-rule.js';

/** Entries of the history of a rule that are kept. */
const MAX_HISTORY = 50;
/** Changes of one entry that are listed. */
const MAX_CHANGES = 20;

export type AlertCondition = 'ok' | 'alerting';

/**
 * Subject of a state: all records (no field), a person (`user`), or another value of the dimension (`group`). A person has a field of its own, so that forgetting that person finds it.
 */
export interface AlertSubject {
  readonly user?: string;
  readonly group?: string;
}

/** Something that is alerting, or that will be in another condition if it lasts. */
export interface LastingCondition extends AlertSubject {
  /** ISO 8601. */
  readonly since: string;
}

/** A change of the condition of one subject. */
export interface AlertChange extends AlertSubject {
  readonly to: AlertCondition;
  /** Null: nothing was measured. */
  readonly value: number | null;
  readonly n: number | null;
  readonly unpricedCalls?: number;
  /** True if the rule does not hold any more because there is too little to measure. */
  readonly isTooLittle?: true;
}

/** Outcome of an entry's message at one target. */
export interface AlertPost {
  /** Id of the target: says nothing of its address. */
  readonly target: string;
  readonly host: string;
  readonly status: 'waiting' | 'posted' | 'failed';
  readonly attempts: number;
  /** Milliseconds: the next attempt is not before that. */
  readonly notBefore: number;
  /** Why the latest attempt failed. */
  readonly problem?: string;
}

/** Changes that one evaluation found, and who was told. */
export interface AlertEntry {
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  readonly changes: readonly AlertChange[];
  /** Further changes that are not listed. */
  readonly more: number;
  /** Measure and dimension of the changes, if the rule has had others since. */
  readonly about?: string;
  readonly posts: readonly AlertPost[];
}

/** State of a rule, on every server over a store. */
export interface AlertState {
  /** Measure and dimension that the state is about. */
  readonly about: string;
  readonly alerting: readonly LastingCondition[];
  /** Subjects whose measure contradicts their condition since a time. */
  readonly pending: readonly LastingCondition[];
  /** The latest first. */
  readonly history: readonly AlertEntry[];
}

/** Stands between measure and dimension in what a state is about. */
const BY = ' by ';

/** Returns the measure and the dimension that a state or an entry is about. The dimension is empty for all records. */
export function measureAndDimension(about: string): readonly [measureName: string, byName: string] {
  const at = about.indexOf(BY);
  return [about.slice(0, at), about.slice(at + BY.length)];
}

/** Returns the state of a rule; a new one, with the history, if another measure or dimension was meant before. */
export function stateOf(stored: AlertState | undefined, { measureName, byName = '' }: AlertRule): AlertState {
  const about = measureName + BY + byName;
  if (stored?.about === about) return stored;
  const history = stored?.history.map((entry) => ({ about: stored.about, ...entry })) ?? [];
  return { about, alerting: [], pending: [], history };
}

/**
 * Returns the state after a reading; the same object if nothing has changed. A condition changes when the reading has contradicted it for `hold`. A
 * subject that was not looked at keeps its state.
 *
 * @param targets to be told of the changes
 */
export function nextState(
  state: AlertState,
  reading: AlertReading,
  rule: AlertRule,
  targets: readonly Pick<AlertPost, 'target' | 'host'>[],
): AlertState {
  const { at } = reading;
  const readings = new Map(reading.groups.map((one) => [one.group ?? '', one]));
  const alerting = byKey(state.alerting);
  const pending = byKey(state.pending);
  const changes: AlertChange[] = [];
  let isChanged = false;
  for (const key of new Set([...alerting.keys(), ...pending.keys(), ...metKeys(reading)])) {
    const measured = readings.get(key);
    if (!measured && !reading.isComplete) continue;
    const subject = subjectOf(key, rule);
    const isMet = measured?.isMet === true;
    if (isMet === alerting.has(key)) {
      isChanged = pending.delete(key) || isChanged;
      continue;
    }
    const since = pending.get(key)?.since ?? new Date(at).toISOString();
    if (at - Date.parse(since) < rule.holdMs) {
      if (!pending.has(key)) isChanged = true;
      pending.set(key, { ...subject, since });
      continue;
    }
    pending.delete(key);
    if (isMet) alerting.set(key, { ...subject, since: new Date(at).toISOString() });
    else alerting.delete(key);
    changes.push(toChange(subject, isMet, measured));
    isChanged = true;
  }
  if (!isChanged) return state;
  return {
    about: state.about,
    alerting: [...alerting.values()],
    pending: [...pending.values()],
    history: changes.length === 0 ? state.history : withEntry(state.history, changes, at, targets),
  };
}

function metKeys({ groups }: AlertReading): readonly string[] {
  return groups.filter(({ isMet }) => isMet).map(({ group }) => group ?? '');
}

function withEntry(
  history: readonly AlertEntry[],
  changes: readonly AlertChange[],
  at: number,
  targets: readonly Pick<AlertPost, 'target' | 'host'>[],
): readonly AlertEntry[] {
  const entry: AlertEntry = {
    id: crypto.randomUUID(),
    at: new Date(at).toISOString(),
    changes: changes.slice(0, MAX_CHANGES),
    more: Math.max(0, changes.length - MAX_CHANGES),
    posts: targets.map(({ target, host }) => ({
      target,
      host,
      status: 'waiting',
      attempts: 0,
      notBefore: at,
    })),
  };
  return [entry, ...history].slice(0, MAX_HISTORY);
}

function toChange(subject: AlertSubject, isMet: boolean, measured: GroupReading | undefined): AlertChange {
  const { value = null, n = null, unpricedCalls = null, isEnough = false } = measured ?? {};
  return {
    ...subject,
    to: isMet ? 'alerting' : 'ok',
    value,
    n,
    ...(unpricedCalls !== null && unpricedCalls > 0 && { unpricedCalls }),
    ...(!isMet && !isEnough && { isTooLittle: true }),
  };
}

/** Key of a subject: the value of the dimension; empty for all records. */
export function keyOf({ user, group }: AlertSubject): string {
  return user ?? group ?? '';
}

export function subjectOf(key: string, { by }: Pick<AlertRule, 'by'>): AlertSubject {
  if (by === undefined) return {};
  return by === 'user' ? { user: key } : { group: key };
}

function byKey(list: readonly LastingCondition[]): Map<string, LastingCondition> {
  return new Map(list.map((one) => [keyOf(one), one]));
}
