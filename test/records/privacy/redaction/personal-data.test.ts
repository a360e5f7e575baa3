import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { PERSONAL_DATA_KINDS } from '../../../../src/records/privacy/redaction/personal-data-kind.js';
import { redactText } from '../../../../src/records/privacy/redaction/personal-data.js';
import { IDENTIFIERS, INNOCENT_IDENTIFIERS } from './identifiers-corpus.js';
import { HELD_OUT_INNOCENT, HELD_OUT_PERSONAL } from './held-out-corpus.js';
import { INNOCENT, PERSONAL } from './personal-data-corpus.js';
import { PROPORTIONAL, timeGrowth } from '../../../support/time-growth.js';

const KINDS = new Set(PERSONAL_DATA_KINDS);
const ALPHABETS = { a: 'a1B2c3D4e5F6g7H8j9', x: '0f1e2d3c4b5a6978', A: 'A1B2C3D4E5F6G7H8' };

const redact = (text: string) => redactText(text, KINDS);
const fill = (text: string) =>
  text.replaceAll(/\{([axA])(\d+)\}/g, (_, alphabet: 'a' | 'x' | 'A', length: string) =>
    ALPHABETS[alphabet].repeat(10).slice(0, Number(length)),
  );
/** Samples are lines; an indented line and a line of a key belong to the sample before. */
const samplesOf = (corpus: Readonly<Record<string, string>>) =>
  Object.values(corpus).flatMap((lines) =>
    lines
      .slice(1)
      .split(/\n(?! |«MIIE|-----END)/)
      .map(fill),
  );

/** Returns whether every marked part is gone: no six characters of it are left. */
function isFound(sample: string): boolean {
  const redacted = redact(sample.replaceAll(/[«»]/g, '')).replaceAll(/\[[a-z]+\]/g, '[]');
  return [...sample.matchAll(/«([^»]*)»/g)].every(([, part = '']) => {
    const length = Math.min(6, part.length);
    const chunks = Array.from({ length: part.length - length + 1 }, (_, at) => part.slice(at, at + length));
    return chunks.every((chunk) => !redacted.includes(chunk));
  });
}

const heldOut = (corpus: Readonly<Record<string, readonly string[]>>) =>
  Object.values(corpus).flat().map(fill);

const personal = [...samplesOf(PERSONAL), ...heldOut(HELD_OUT_PERSONAL), ...heldOut(IDENTIFIERS)];
const innocent = [...samplesOf(INNOCENT), ...heldOut(HELD_OUT_INNOCENT), ...heldOut(INNOCENT_IDENTIFIERS)];
/** All samples, as one text for each group. */
const groups: Readonly<Record<string, string>> = {
  ...PERSONAL,
  ...INNOCENT,
  ...joined(HELD_OUT_PERSONAL, 'personal'),
  ...joined(HELD_OUT_INNOCENT, 'innocent'),
  identifiers: Object.values(IDENTIFIERS).flat().join('\n'),
  'like identifiers': Object.values(INNOCENT_IDENTIFIERS).flat().join('\n'),
};

function joined(corpus: Readonly<Record<string, readonly string[]>>, name: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(corpus).map(([group, samples]) => [`${group}, ${name}`, samples.join('\n')]),
  );
}

const missed = personal.filter((sample) => !isFound(sample));
const changed = innocent.filter((sample) => redact(sample) !== sample);
if (process.env['SHOW_SAMPLES'])
  console.log({ missed, changed: changed.map((each) => [each, redact(each)]) });

describe('redactPersonalData on a corpus of invented texts', () => {
  test('the corpus has at least 2,000 samples', () => {
    expect(personal.length + innocent.length).toBeGreaterThanOrEqual(2_000);
    expect(personal.length).toBeGreaterThanOrEqual(1_000);
  });

  test('redactPersonalData finds at least 95 % of the personal data and changes at most 5 % of the innocent texts', () => {
    console.log(
      `found ${personal.length - missed.length} of ${personal.length}, changed ${changed.length} of ${innocent.length}`,
    );
    expect(missed.slice(Math.floor(personal.length * 0.05))).toEqual([]);
    expect(changed.slice(Math.floor(innocent.length * 0.05))).toEqual([]);
  });

  test('every date of birth, place, device, vehicle, bank and national phone is found, and nothing that resembles one', () => {
    const resembling = heldOut(INNOCENT_IDENTIFIERS);
    expect(resembling.length).toBeGreaterThanOrEqual(200);
    expect(heldOut(IDENTIFIERS).filter((sample) => !isFound(sample))).toEqual([]);
    expect(resembling.filter((sample) => redact(sample) !== sample)).toEqual([]);
  });

  test('a bank code is found where the runtime has no names of countries', async () => {
    vi.stubGlobal('Intl', {});
    onTestFinished(() => {
      vi.unstubAllGlobals();
    });
    vi.resetModules();
    const fresh = await import('../../../../src/records/privacy/redaction/personal-data.js');
    expect(fresh.redactText('BIC DEUTDEFF', KINDS)).toBe('BIC [id]');
  });

  test('the documentation states the score', () => {
    const page = readFileSync('docs/privacy.md', 'utf8');
    expect(page).toContain(
      `${personal.length - missed.length} of ${personal.length} personal ones are found, ${changed.length} of ${innocent.length} innocent ones are changed`,
    );
  });

  test.each(Object.entries(groups))(
    'redactPersonalData takes time in proportion to the length of repeated samples of "%s"',
    (_, lines) => {
      const text = fill(lines.replaceAll(/[«»]/g, ''));
      for (const unit of [text, text.replaceAll(/\s/g, ''), text.replaceAll('\n', ' ')]) {
        expect(timeGrowth(redact, unit)).toBeLessThan(PROPORTIONAL);
      }
    },
  );

  test.each([
    'born ',
    'born in in in in ',
    'né le, ',
    '1985-',
    '1985年',
    '48.137154',
    '48.137154, ',
    '-1.23456;',
    "1°2'",
    'lat ',
    '1HGCM826',
    'A 1 ',
    '35-209900-',
    '35 209900 ',
    'vin is my ',
    'license plate ',
    'swift / bic ',
    'BICBICBICXXX',
    '601 ',
    '\n601 234 567',
    'DK 20 ',
    'a@b_c.',
  ])('a text that repeats "%s" takes time in proportion to its length', (unit) => {
    expect(timeGrowth(redact, unit)).toBeLessThan(PROPORTIONAL);
  });
});
