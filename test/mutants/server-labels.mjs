/** Faults in what asks a language model for labels. */
export const mutants = {
  'src/server/insights/labels/intents.ts': {
    tests: ['test/server/insights/labels/labels.test.ts'],
    faults: [
      ['this.#names.set(key, name);\n    }', '}'],
      ['this.#renamed.get(formerKeyOf(name)) ?? name', 'name'],
      ['this.#renamed.get(formerKeyOf(name)) ?? this.#names', 'this.#names'],
      ['.filter((name) => name !== OTHER)', ''],
      ['if (name === UNCLEAR || name === OTHER) return name;', ''],
      ['if (this.#names.size >= MAX_INTENTS) return OTHER;', ''],
      ['this.#names.set(key, name);\n    return name;', 'return name;'],
    ],
  },
  'src/server/insights/labels/category-names.ts': {
    tests: ['test/server/insights/labels/labels.test.ts'],
    faults: [
      [".normalize('NFKC')", '', 'the tests have no width variants, and lower case is enough for Latin'],
      ['.toLowerCase()', ''],
      ['.sort()\n', '\n'],
    ],
  },
  'src/server/insights/labels/label-service.ts': {
    tests: ['test/server/insights/labels/labelling.test.ts'],
    faults: [
      ['(status === 400 || status === 422) && this.#isSteadied', 'false'],
      ['headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },', 'headers: {},'],
      ['if (status < 200 || status > 299)', 'if (status < 200)'],
      ["if (SERVICE_STATUSES.has(status) || status < 400) return 'service';", ''],
      ["status < 500 ? 'texts' : 'either'", "'service'"],
    ],
  },
  'src/server/insights/labels/labelling.ts': {
    tests: ['test/server/insights/labels/labelling.test.ts'],
    faults: [
      ['if (!(await this.#lease.take())) return IDLE_MS;', ''],
      ['this.#failures > 0 ? 1 : BATCH', 'BATCH'],
      ['if (room < 1) return this.#allowance.waitMs;', ''],
      ['this.#failures += 1;', ''],
      ['this.#failures = 0;', ''],
      ['this.#problem = undefined;', ''],
      ['this.#allowance.use(1);', ''],
      ['if (saved.size > 0) await this.#save(saved);', ''],
      ['= currentNameOf(labelled.labels.intent, categories)', '= labelled.labels.intent'],
      [
        'left = new Map([...renamed(left)].filter(',
        'left = new Map([...renamed(left)].slice(left.size).filter(',
      ],
      ['intentOf(one) !== intentOf(before.get(id))', 'before.has(id)'],
      ['if (attempts < MAX_ATTEMPTS) return undefined;', ''],
      ['await this.#lease.release();', ''],
      ['not: [...(query.not ?? []), labelled]', 'not: query.not ?? []'],
      [
        "else if (hasSentLabels(record)) saved.set(record.id, { content, labelled: { status: 'sent' } });",
        '',
      ],
    ],
  },
};
