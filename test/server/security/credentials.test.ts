import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CredentialFile } from '../../../src/server/security/credentials/credential-file.js';
import { CredentialRegister } from '../../../src/server/security/credentials/credential-register.js';
import { CredentialsError, projectsOf } from '../../../src/server/security/credentials/credentials.js';
import { parseCredentialsFile } from '../../../src/server/security/credentials/parse-file.js';
import { parseKeys, parseTokens } from '../../../src/server/security/credentials/parse-variables.js';
import { tokenDigest } from '../../../src/server/security/session.js';
import { thrownBy } from '../../support/thrown-by.js';
import { useFolder } from '../../support/use-folder.js';

const HASH = 'a'.repeat(64);

test.each([
  ['not json', /not valid JSON/],
  ['[]', /must be an object with the lists/],
  ['{"key":[]}', /there is no "key"; the lists are keys, tokens, users/],
  ['{"keys":{}}', /keys must be a list/],
  ['{"keys":[1]}', /keys\[0\] must be an object/],
  ['{"keys":[{"project":"a","key":"hunter2"}]}', /no field "key": put its hash into sha256/],
  ['{"tokens":[{"projects":["a"],"token":"hunter2"}]}', /no field "token": put its hash into sha256/],
  ['{"keys":[{"sha256":"x"}]}', /keys\[0\]\.project must be a text/],
  ['{"keys":[{"project":"a","sha256":"hunter2"}]}', /sha256 must be 64 hexadecimal digits/],
  [`{"keys":[{"project":"../a","sha256":"${HASH}"}]}`, /keys\[0\]\.project: the name of a project/],
  [`{"keys":[{"project":"a","sha256":"${HASH}","recordsPerMinute":0}]}`, /whole number above 0/],
  [`{"keys":[{"project":"a","sha256":"${HASH}","recordsPerMinute":"9"}]}`, /whole number above 0/],
  [`{"tokens":[{"projects":[],"sha256":"${HASH}"}]}`, /projects must be a list of names, or "\*"/],
  [`{"tokens":[{"projects":"shop","sha256":"${HASH}"}]}`, /projects must be a list of names, or "\*"/],
  [`{"tokens":[{"projects":["a"],"delete":"yes","sha256":"${HASH}"}]}`, /delete must be true or false/],
  [
    `{"tokens":[{"projects":["a"],"numbers":true,"edit":true,"sha256":"${HASH}"}]}`,
    /numbers alone may not edit/,
  ],
  ['{"users":[{"projects":["a"],"user":"ada","numbers":1}]}', /numbers must be true or false/],
  ['{"users":[{"projects":["a"]}]}', /users\[0\]\.user must be a text/],
])('the mistake %s in a file of keys is named, without a secret', (text, message) => {
  const error = thrownBy(() => parseCredentialsFile(text));
  expect(error).toBeInstanceOf(CredentialsError);
  expect(String(error)).toMatch(message);
  expect(String(error)).not.toContain('hunter2');
});

test('any text and any JSON is read or refused with a CredentialsError', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.json().map((list) => `{"keys":[${list}]}`),
      ),
      (text) => {
        let error: unknown;
        try {
          parseCredentialsFile(text);
        } catch (thrown) {
          error = thrown;
        }
        expect(error === undefined || error instanceof CredentialsError).toBe(true);
      },
    ),
  );
});

test('keys and tokens of the variables are found again, and nothing like them', () => {
  const register = new CredentialRegister();
  register.replace({
    keys: parseKeys('shop=a=b==, docs=k2,shop=k3', 'KEYS'),
    tokens: parseTokens(
      'shop+docs=t1,*:delete=t=2,shop:edit=t3,shop:edit:delete=t4,shop:numbers=t5',
      'TOKENS',
    ),
    users: [],
  });
  expect(register.findKey('a=b==')?.project).toBe('shop');
  expect(register.findKey('k3')?.project).toBe('shop');
  for (const wrong of ['', 'a=b=', 'k2 ', 'K2', 't1']) expect(register.findKey(wrong)).toBeUndefined();
  expect(register.findReader(tokenDigest('t1'))).toMatchObject({
    projects: ['shop', 'docs'],
    mayReadTexts: true,
    mayDelete: false,
    mayEdit: false,
  });
  expect(register.findReader(tokenDigest('t5'))).toMatchObject({ mayReadTexts: false, mayDelete: false });
  expect(register.findReader(tokenDigest('t=2'))).toMatchObject({
    projects: 'all',
    mayDelete: true,
    mayEdit: false,
  });
  expect(register.findReader(tokenDigest('t3'))).toMatchObject({ mayDelete: false, mayEdit: true });
  expect(register.findReader(tokenDigest('t4'))).toMatchObject({ mayDelete: true, mayEdit: true });
  expect(register.findReader(tokenDigest(''))).toBeUndefined();
  expect(projectsOf(register.credentials)).toEqual(['docs', 'shop']);
});

test('the names of keys in log lines hold nothing of the key', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[!-+\--~]{8,40}$/), (key) => {
      const [parsed] = parseKeys(`shop=${key}`, 'KEYS');
      expect(parsed?.name).toMatch(/^shop [0-9a-f]{8}$/);
    }),
  );
});

interface Heard {
  readonly projects: (readonly string[])[];
  readonly problems: string[];
}

function hearing(): Heard & Parameters<CredentialFile['check']>[0] {
  const projects: (readonly string[])[] = [];
  const problems: string[] = [];
  return {
    projects,
    problems,
    onChange: (credentials) => void projects.push(projectsOf(credentials)),
    onProblem: (problem) => void problems.push(problem),
  };
}

test('a changed file of keys is read again, a damaged or missing one is told once and changes nothing', async () => {
  const path = join(await useFolder(), 'keys.json');
  const keyOf = (project: string): string => JSON.stringify({ keys: [{ project, sha256: HASH }] });
  await writeFile(path, keyOf('first'));
  const file = new CredentialFile(path);
  expect(projectsOf(file.read())).toEqual(['first']);
  const heard = hearing();
  await file.check(heard);
  expect(heard.projects).toEqual([]);
  // As Kubernetes exchanges a mounted secret.
  await writeFile(`${path}.new`, keyOf('second'));
  await rename(`${path}.new`, path);
  await file.check(heard);
  expect(heard.projects).toEqual([['second']]);
  await writeFile(path, '{"keys":');
  for (let i = 0; i < 3; i++) await file.check(heard);
  await rm(path);
  for (let i = 0; i < 3; i++) await file.check(heard);
  expect(heard.projects).toEqual([['second']]);
  expect(heard.problems).toEqual([
    expect.stringContaining('not valid JSON'),
    expect.stringContaining('cannot be read (ENOENT)'),
  ]);
  await writeFile(path, keyOf('third'));
  await file.check(heard);
  expect(heard.projects).toEqual([['second'], ['third']]);
});
