import { expect, test } from 'vitest';
import { directoryNameOf, isOtherAccount } from '../../../src/node/spool/directory-name.js';

const SHOP = { name: 'shop', url: 'https://a.example', accountId: 'one' };

test('the name of a directory has a readable part of lower case, and two hashes', () => {
  expect(directoryNameOf({ ...SHOP, name: '__My Shop: (Süd)!' })).toMatch(
    /^my-shop-s-d-[0-9a-f]{16}-[0-9a-f]{16}$/,
  );
  expect(directoryNameOf({ ...SHOP, name: '東京' })).toMatch(/^destination-[0-9a-f]{16}-[0-9a-f]{16}$/);
  expect(directoryNameOf({ ...SHOP, name: 'x'.repeat(200) })).toMatch(/^x{40}-[0-9a-f]{16}-[0-9a-f]{16}$/);
});

test('each of name, URL, account and number tells directories apart, on any file system', () => {
  const owners = [
    SHOP,
    { ...SHOP, name: 'Shop' },
    { ...SHOP, name: 'shop-' },
    { ...SHOP, name: '東京' },
    { ...SHOP, name: '大阪' },
    { ...SHOP, name: `${'x'.repeat(40)}1` },
    { ...SHOP, name: `${'x'.repeat(40)}2` },
    { ...SHOP, url: 'https://b.example' },
    { ...SHOP, accountId: 'two' },
    { ...SHOP, accountId: '' },
    { name: 'shop', url: 'https://a.example' },
    { name: 'shop' },
    { name: 'shop', url: '' },
    { name: '["shop"', url: 'x"]' },
    ...Array.from({ length: 1_000 }, (_, index) => ({ ...SHOP, accountId: `account ${index}` })),
  ];
  const names = owners.map((owner) => directoryNameOf(owner).toLowerCase());
  expect(new Set(names).size).toBe(owners.length);
  expect(directoryNameOf({ ...SHOP })).toBe(directoryNameOf(SHOP));
  expect(directoryNameOf(SHOP, 1)).toBe(directoryNameOf(SHOP));
  expect(directoryNameOf(SHOP, 2)).toBe(`${directoryNameOf(SHOP)}~2`);
});

test('directories of one destination that differ in the account are told from all others', () => {
  const name = directoryNameOf(SHOP);
  const otherAccount = directoryNameOf({ ...SHOP, accountId: 'two' });
  expect(isOtherAccount(name, otherAccount)).toBe(true);
  expect(isOtherAccount(`${name}~2`, otherAccount)).toBe(true);
  expect(isOtherAccount(name, name)).toBe(false);
  expect(isOtherAccount(name, directoryNameOf({ ...SHOP, url: 'https://b.example', accountId: 'two' }))).toBe(
    false,
  );
  expect(isOtherAccount('notes', 'letters')).toBe(false);
  expect(isOtherAccount(`${name}.old`, otherAccount)).toBe(false);
});
