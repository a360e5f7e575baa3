import { describe, expect, test } from 'vitest';
import {
  ClickHouseClient,
  parseClickHouseUrl,
} from '../../../../../src/server/engines/clickhouse/client/clickhouse-client.js';
import { chdbFolder, useClickHouse } from '../../../../support/use-clickhouse.js';

test.each([
  ['clickhouse://host', 'http://host:8123/', 'default', '', 'default'],
  ['clickhouse://ada:s%40c@host:9000/logs', 'http://host:9000/', 'ada', 's@c', 'logs'],
  ['clickhouses://host/logs', 'https://host:8443/', 'default', '', 'logs'],
  ['https://host/', 'https://host/', 'default', '', 'default'],
  ['clickhouse://[::1]:8123/x', 'http://[::1]:8123/', 'default', '', 'x'],
])('the address %s is read', (text, url, user, password, database) => {
  expect(parseClickHouseUrl(text)).toEqual({ url, user, password, database });
});

test.each(['', 'host', 'postgres://host', 'clickhouse://', 'clickhouse://user:secret@host/a/b'])(
  'the address "%s" is refused without a word of its password',
  (text) => {
    expect(() => parseClickHouseUrl(text)).toThrow(TypeError);
    expect(() => parseClickHouseUrl(text)).not.toThrow(/secret/);
  },
);

test('rows arrive whole, however their bytes are cut', async () => {
  const rows = [{ a: '日本\n🎉' }, { a: 'x'.repeat(500) }, { a: '' }];
  const bytes = new TextEncoder().encode(rows.map((row) => JSON.stringify(row)).join('\n'));
  for (const size of [1, 7, 100, bytes.length]) {
    const body = new ReadableStream({
      start(controller) {
        for (let i = 0; i < bytes.length; i += size) controller.enqueue(bytes.slice(i, i + size));
        controller.close();
      },
    });
    const client = new ClickHouseClient(
      parseClickHouseUrl('clickhouse://host'),
      async () => new Response(body),
    );
    expect(await client.query('SELECT a')).toEqual(rows);
  }
});

test('a request on a connection that ClickHouse had closed is sent again, up to four times', async () => {
  const failing = (failures: number, code: string) => {
    let calls = 0;
    const send = async () => {
      if (calls++ < failures) throw new TypeError('fetch failed', { cause: { code } });
      return new Response('{"a":1}\n');
    };
    return new ClickHouseClient(parseClickHouseUrl('clickhouse://host'), send);
  };
  for (const code of ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])
    expect(await failing(4, code).query('SELECT a')).toEqual([{ a: 1 }]);
  await expect(failing(5, 'ECONNRESET').query('SELECT a')).rejects.toThrow(/cannot be reached/);
  await expect(failing(1, 'ECONNREFUSED').query('SELECT a')).rejects.toThrow(/cannot be reached/);
});

describe.runIf(chdbFolder)('with an engine', { timeout: 60_000 }, () => {
  const clickhouse = useClickHouse();

  test('values of parameters and rows arrive as they were given', async () => {
    const client = new ClickHouseClient(parseClickHouseUrl(await clickhouse.createDatabase()));
    const list = ["x'", "y\n\\t ['z',1]", '日本 🎉', ''];
    const text = "\\N 'quoted'\t\0end \\";
    const parameters = { list, text, big: 2n ** 63n, empty: [] };
    const rows = await client.query(
      'SELECT {list:Array(String)} AS list, {text:String} AS text, {big:UInt64} AS big, {empty:Array(String)} AS empty',
      { parameters },
    );
    expect(rows).toEqual([{ list, text, big: '9223372036854775808', empty: [] }]);
    await client.command(
      'CREATE TABLE t (a String, m Map(LowCardinality(String), String)) ENGINE = MergeTree ORDER BY a',
    );
    await client.insert('t', [{ a: text, m: { k: 'v', "it's": '"x"' } }]);
    expect(await client.query('SELECT * FROM t')).toEqual([{ a: text, m: { k: 'v', "it's": '"x"' } }]);
  });

  test('an error of the engine has its code, and a server that is gone has its cause', async () => {
    const client = new ClickHouseClient(parseClickHouseUrl(await clickhouse.createDatabase()));
    await expect(client.query('SELECT * FROM nothing')).rejects.toMatchObject({
      name: 'ClickHouseError',
      code: 60,
    });
    const gone = new ClickHouseClient(parseClickHouseUrl('clickhouse://127.0.0.1:1/x'));
    await expect(gone.query('SELECT 1')).rejects.toThrow('127.0.0.1:1 cannot be reached');
  });
});
