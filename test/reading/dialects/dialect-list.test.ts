import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { DIALECTS } from '../../../src/reading/dialects/dialect-list.js';
import type { Dialect } from '../../../src/reading/model/dialect.js';

const FOLDER = new URL('../../../src/reading/dialects/', import.meta.url);

test('each dialect of the folder is in the list of those that are tried', async () => {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.ts') && file !== 'dialect-list.ts');
  const modules = await Promise.all(
    files.map((file) => import(new URL(file, FOLDER).href) as Promise<Record<string, unknown>>),
  );
  const exported = modules.flatMap((module) => Object.values(module).filter((value) => isDialect(value)));
  expect(exported.length).toBeGreaterThan(20);
  expect(new Set(exported)).toEqual(new Set(DIALECTS));
});

function isDialect(value: unknown): value is Dialect {
  return typeof value === 'object' && value !== null && 'markerAttributes' in value && 'read' in value;
}
