// Starts `clickhouse-shim.mjs` as a process of its own, for tests and benchmarks.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Resolves when the engine listens. `stop()` ends it without warning.
 *
 * @param {string} chdb folder of an install with `chdb`
 * @param {string} data folder of its data
 * @param {number} port 0: any that is free
 * @param {readonly string[]} settings arguments of the engine, for instance `--config-file=/path/config.xml`
 * @returns {Promise<{ readonly port: number, stop(): Promise<void> }>}
 */
export async function startClickHouseShim(chdb, data, port = 0, settings = []) {
  const script = fileURLToPath(new URL('clickhouse-shim.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, chdb, data, String(port), ...settings], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', () => resolve(undefined)));
  const heard = await new Promise((resolve, reject) => {
    child.stdout.once('data', (line) => resolve(Number(line.toString())));
    child.once('exit', (code) => reject(new Error(`The ClickHouse shim ended with ${code}.`)));
  });
  return {
    port: heard,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
