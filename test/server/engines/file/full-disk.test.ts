import { writeFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { post, prompt } from '../../../support/server-requests.js';
import { canMountTmpfs, mountTmpfs } from '../../../support/tmpfs.js';
import { useServer } from '../../../support/use-server.js';
import { startServer, type StoreOutage } from '../../../../src/server/index.js';

test.skipIf(!canMountTmpfs())(
  'what was answered 503 on a full disk is not found after a restart, and what was sent again is',
  async () => {
    const tmpfs = mountTmpfs('size=256k');
    onTestFinished(() => tmpfs?.unmount());
    const dir = tmpfs?.dir ?? '';
    const file = join(dir, 'records.jsonl');
    const outages: (StoreOutage | undefined)[] = [];
    const server = await startServer({ port: 0, file, onStoreOutage: (outage) => outages.push(outage) });
    expect((await post(server, [prompt({ prompt: 'before' })])).status).toBe(200);
    writeFileSync(join(dir, 'ballast'), Buffer.alloc(160 * 1024));
    // Several records of it fit on the disk.
    const batch = Array.from({ length: 40 }, (_, at) =>
      prompt({ prompt: `batch ${at} ${'x'.repeat(4000)}` }),
    );
    expect((await post(server, batch)).status).toBe(503);
    expect((await post(server, batch)).status).toBe(503);
    expect(outages).toMatchObject([{ reason: 'the disk is full (ENOSPC)' }]);
    await server.close();
    const again = await startServer({ port: 0, file });
    expect(again.records()).toMatchObject([{ prompt: 'before' }]);
    await again.close();
    rmSync(join(dir, 'ballast'));
    const last = await useServer({ file });
    expect((await post(last, batch)).status).toBe(200);
    expect(last.records()).toHaveLength(41);
  },
);
