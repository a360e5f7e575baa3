/** Faults in what the server does by itself: at intervals, on one of the servers over a store. */
export const mutants = {
  'src/server/background/repeated-work.ts': {
    tests: ['test/server/background/repeated-work.test.ts'],
    faults: [
      ['this.#schedule(firstMs);', ''],
      ['this.#isClosed = true;', ''],
      ['await this.#running;', ''],
      ['if (this.#isClosed) return;', ''],
      ['.catch(() => this.#afterFailureMs)', ''],
      ['this.#schedule(delayMs);', 'this.#schedule(this.#afterFailureMs);'],
      ['this.#running = undefined;', '', 'close() then awaits a promise that is settled, which is the same'],
    ],
  },
  'src/server/background/lease.ts': {
    tests: ['test/server/background/lease.test.ts'],
    faults: [
      ['if (this.#own && now() < this.#own.since + LEASE_MS / 2) return true;', ''],
      ['this.#own.since + LEASE_MS / 2', 'this.#own.since + LEASE_MS * 2'],
      ['stored.version !== this.#own?.version && ', ''],
      ['&& !this.#hasEnded(stored.version)', ''],
      ['stored?.version ?? NOT_STORED,', 'undefined,'],
      ['this.#options.now() + forMs <', 'this.#options.now() <'],
      ['await documents.delete(LEASE_KIND, name, own.version)', 'await documents.delete(LEASE_KIND, name)'],
      ['if (this.#seen?.version !== version) this.#seen', 'this.#seen'],
      ['now - this.#seen.since >= LEASE_MS', 'now - this.#seen.since > LEASE_MS'],
    ],
  },
  'src/server/insights/alerts/alert-watch.ts': {
    tests: ['test/server/insights/alerts/alert-watch.test.ts'],
    faults: [
      ['if (!(await this.#lease.take())) return EVALUATION_MS;', 'await this.#lease.take();'],
      ['const isDue = startedAt >= this.#nextEvaluation;', 'const isDue = true;'],
      ['this.#nextEvaluation = startedAt + EVALUATION_MS;', 'this.#nextEvaluation = Infinity;'],
      ['if (!rule || rule.isPaused) continue;', 'if (!rule) continue;'],
      ['if (!names.has(name)) {', 'if (names.has(name)) {'],
      ['await deleteState(documents, name);', ''],
      ['await this.#lease.release();\n      return EVALUATION_MS;', 'return EVALUATION_MS;'],
      ['if (!(error instanceof BadQueryError)) throw error;\n      known', 'throw error;\n      known'],
      ['this.#readings.set(rule.name, known);', '', 'then each list measures anew, with the same numbers'],
    ],
  },
};
