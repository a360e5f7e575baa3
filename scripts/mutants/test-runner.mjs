import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const WORKER = fileURLToPath(new URL('vitest-worker.mjs', import.meta.url));
/** Longest time of one run, unless the same tests took long without a fault. A fault that makes the tests hang is noticed. */
const TIMEOUT_MS = 20_000;
/** Longest time of the first run of tests. */
const FIRST_TIMEOUT_MS = 300_000;
/** Allows for a machine that has become busier since. */
const TIMEOUT_FACTOR = 10;

/** Runs test files of a folder in a child process, which a run that hangs costs its life. */
export class TestRunner {
  #folder;
  #worker;
  /** The longest time that each list of tests took so far. */
  #times = new Map();

  constructor(folder) {
    this.#folder = folder;
  }

  /** Returns whether tests pass after a file has changed: first those of the first file, which notices most faults, then the others. */
  async passes([first, ...others], changed) {
    return (await this.#run([first], changed)) && (others.length === 0 || this.#run(others, changed));
  }

  stop() {
    this.#worker?.kill('SIGKILL');
    this.#worker = undefined;
  }

  async #run(tests, changed) {
    if (!this.#worker) await this.#start();
    const names = tests.join(' ');
    const knownMs = this.#times.get(names) ?? FIRST_TIMEOUT_MS / TIMEOUT_FACTOR;
    const timer = setTimeout(() => this.stop(), Math.max(knownMs * TIMEOUT_FACTOR, TIMEOUT_MS));
    const startedMs = performance.now();
    this.#worker.send({ tests, changed });
    const hasPassed = await this.#answer();
    clearTimeout(timer);
    if (hasPassed)
      this.#times.set(names, Math.max(this.#times.get(names) ?? 0, performance.now() - startedMs));
    return hasPassed;
  }

  async #start() {
    this.#worker = fork(WORKER, [this.#folder], { cwd: this.#folder, stdio: 'ignore' });
    if ((await this.#answer()) === false) throw new Error('Vitest did not start.');
  }

  /** Returns what the worker sends; false if it ends instead. */
  #answer() {
    const worker = this.#worker;
    return new Promise((resolve) => {
      const onMessage = (message) => {
        worker.off('exit', onExit);
        resolve(message);
      };
      const onExit = () => {
        worker.off('message', onMessage);
        this.#worker = undefined;
        resolve(false);
      };
      worker.once('message', onMessage);
      worker.once('exit', onExit);
    });
  }
}
