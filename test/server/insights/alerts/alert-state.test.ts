import { describe, expect, test } from 'vitest';
import type { AlertReading, GroupReading } from '../../../../src/server/insights/alerts/alert-reading.js';
import { parseRule, type AlertRuleValue } from '../../../../src/server/insights/alerts/alert-rule.js';
import {
  measureAndDimension,
  nextState,
  stateOf,
  type AlertState,
} from '../../../../src/server/insights/alerts/alert-state.js';

const START = Date.UTC(2026, 10, 1);
const MINUTE = 60_000;
const VALUE: AlertRuleValue = { measure: 'errorRate', window: '1h', above: 0.1, hold: '5m' };

/** Feeds readings, one a minute, and returns the changes with the minute of each. */
function changesOf(
  readings: readonly (Partial<Record<string, boolean>> & { readonly isPartial?: boolean })[],
  fields: Partial<AlertRuleValue> = {},
): { readonly changes: readonly string[]; readonly state: AlertState; readonly writes: number } {
  const rule = parseRule('r', { ...VALUE, ...fields });
  let state = stateOf(undefined, rule);
  let writes = 0;
  for (const [minute, { isPartial = false, ...groups }] of readings.entries()) {
    const after = nextState(state, reading(minute, groups, !isPartial), rule, []);
    if (after !== state) writes += 1;
    state = after;
  }
  const changes = state.history
    .flatMap(({ at, changes: entry }) =>
      entry.map(
        ({ user, group, to }) => `${(Date.parse(at) - START) / MINUTE} ${user ?? group ?? '*'} ${to}`,
      ),
    )
    .toReversed();
  return { changes, state, writes };
}

function reading(
  minute: number,
  groups: Readonly<Partial<Record<string, boolean>>>,
  isComplete: boolean,
): AlertReading {
  return {
    at: START + minute * MINUTE,
    isComplete,
    groups: Object.entries(groups).map(([group, isMet = false]): GroupReading => ({
      group: group === '*' ? null : group,
      value: isMet ? 1 : 0,
      n: 10,
      unpricedCalls: null,
      isMet,
      isEnough: true,
    })),
  };
}

function minutes(count: number, group: string, isMet: boolean) {
  return Array.from({ length: count }, () => ({ [group]: isMet }));
}

describe('the state of a rule', () => {
  test('changes when the measure has contradicted it for the whole time, and back in the same way', () => {
    const { changes, state } = changesOf([
      ...minutes(3, '*', false),
      ...minutes(10, '*', true),
      ...minutes(10, '*', false),
    ]);
    expect(changes).toEqual(['8 * alerting', '18 * ok']);
    expect(state).toMatchObject({ alerting: [], pending: [] });
  });

  test('does not change for shorter times', () => {
    const flapping = Array.from({ length: 60 }, (_, minute) => ({ '*': minute % 6 < 4 }));
    expect(changesOf(flapping).changes).toEqual([]);
  });

  test('is written only when it has changed', () => {
    expect(changesOf(minutes(60, '*', false)).writes).toBe(0);
    expect(changesOf(minutes(60, '*', true)).writes).toBe(2);
  });

  test('without a time to last, changes at once', () => {
    const readings = [{ '*': true }, { '*': false }, { '*': true }];
    expect(changesOf(readings, { hold: '0s' }).changes).toEqual(['0 * alerting', '1 * ok', '2 * alerting']);
  });

  test('belongs to each value of the dimension, and a person has a field of its own', () => {
    const readings = [{ acme: true, globex: false }, { acme: true, globex: true }, { globex: true }];
    const byOrganization = changesOf(readings, { by: 'organization', hold: '1m' });
    expect(byOrganization.changes).toEqual(['1 acme alerting', '2 globex alerting']);
    expect(byOrganization.state.pending).toMatchObject([{ group: 'acme' }]);
    const byUser = changesOf(readings, { by: 'user', hold: '0s' });
    expect(byUser.state.alerting).toMatchObject([{ user: 'globex' }]);
    expect(byUser.state.alerting[0]).not.toHaveProperty('group');
  });

  test('of a value that was not looked at stays', () => {
    const readings = [{ acme: true }, { globex: true, isPartial: true }, { isPartial: true }];
    expect(changesOf(readings, { by: 'organization', hold: '0s' }).changes).toEqual([
      '0 acme alerting',
      '1 globex alerting',
    ]);
  });

  test('begins anew when the rule is about something else, and keeps its history', () => {
    const { state } = changesOf(minutes(1, '*', true), { hold: '0s' });
    const same = parseRule('r', { ...VALUE, above: 0.3, window: '2h' });
    expect(stateOf(state, same)).toBe(state);
    const other = parseRule('r', { ...VALUE, by: 'user' });
    const history = state.history.map((entry) => ({ ...entry, about: state.about }));
    const anew = stateOf(state, other);
    expect(anew).toMatchObject({ alerting: [], pending: [], history });
    expect(history).not.toEqual([]);
    expect(stateOf(anew, same).history).toEqual(history);
    expect(measureAndDimension(state.about)).toEqual([same.measureName, same.byName ?? '']);
    expect(measureAndDimension('prompts by ')).toEqual(['prompts', '']);
  });

  test('keeps its latest 50 entries, and of an entry the first 20 changes', () => {
    const flapping = Array.from({ length: 120 }, (_, minute) => ({ '*': minute % 2 === 0 }));
    expect(changesOf(flapping, { hold: '0s' }).state.history).toHaveLength(50);
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`g${index}`, true]));
    const [entry] = changesOf([many], { by: 'model', hold: '0s' }).state.history;
    expect(entry).toMatchObject({ more: 10 });
    expect(entry?.changes).toHaveLength(20);
  });
});
