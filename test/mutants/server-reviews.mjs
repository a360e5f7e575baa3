/** Faults in the work list of reviewers, and in data sets. */
const review = ['test/server/review/list-review.test.ts'];
const datasets = [
  'test/server/datasets/dataset-editor.test.ts',
  'test/server/http/documents/dataset-routes.test.ts',
];

export const mutants = {
  'src/server/review/list-review.ts': {
    tests: review,
    faults: [
      ['...(before !== undefined && { before }),', ''],
      ['...(order && { order }),', ''],
      ['...(listed.next !== undefined && { next: listed.next }),', ''],
      ['request.assignee === undefined;', 'true;'],
      ['state === request.state && request', 'request'],
      ['countFeedback(index.forRecord(record.id)).current', 'index.forRecord(record.id)'],
      ['index.add(listed.feedback);', ''],
      ['reviews.get(record.id) ?? NO_REVIEW', 'NO_REVIEW'],
      [
        '[...new Set([...reviews.values()].flatMap(({ assignee }) => assignee ?? []))]',
        '[...reviews.values()].flatMap(({ assignee }) => assignee ?? [])',
      ],
      [
        'review.assignee === assignee && (state ?? review.state) === review.state',
        'review.assignee === assignee',
      ],
      ["if (state !== undefined && state !== 'needs-review')", 'if (state !== undefined)'],
      ['...(thresholds.length > 0 ? [{ evaluations: thresholds }] : []),', ''],
      ['{ ids: idsOf(() => true) },', ''],
      ['(review) => review.state !== state) }];', '(review) => review.state === state) }];'],
      ['[...(query.not ?? []), wanted, ...decided]', '[wanted, ...decided]'],
      ['[...(query.not ?? []), wanted, ...decided]', '[...(query.not ?? []), wanted]'],
      ['store.measure(query,', 'store.measure({},'],
      ['rated === 0 ? null : bad / rated', 'bad / rated'],
    ],
  },
  'src/server/review/review-state.ts': {
    tests: review,
    faults: [
      ["(review.of ?? 'answer') === of", 'true'],
      ["?? 'needs-review',", "?? 'done',"],
      ["typeof value === 'string' && value !== '' ? value", "typeof value === 'string' ? value"],
      ['isObject(value) ? value : {}', '(value as Readonly<Record<string, PropertyValue>>)'],
      ['...(note !== undefined && { note }),', ''],
      ['...(rating !== undefined && { rating }),', ''],
      ['...(userId !== undefined && { userId }),', ''],
    ],
  },
  'src/server/datasets/dataset-editor.ts': {
    tests: datasets,
    faults: [
      [
        'if (!record) throw new UnknownRecordError(`There is no record "${recordId}"`);',
        'if (!record) return { recordId };',
      ],
      [
        '...(correctedAnswer !== undefined && { correctedAnswer }),',
        'correctedAnswer: correctedAnswer as string,',
      ],
      ['userId: record.userId,', ''],
      ['...byId.get(item.recordId), ...timeOf(item)', '...timeOf(item)'],
      ['...byId.get(item.recordId), ...timeOf(item)', '...byId.get(item.recordId)'],
      ['...[...byId.values()].filter(({ recordId }) => !known.has(recordId)),', '...byId.values(),'],
      ['].map(withoutEmpty);', '];'],
      ['refuseUnseen(before, added);', ''],
      ['now !== seenAnswer && now', 'now'],
      ['before.filter(({ recordId }) => !ids.has(recordId))', '[]'],
      ['if (!(await this.#editor.get(DATASET_KIND, name))) return undefined;', ''],
      ['...before?.others, items', 'items'],
      ['stored?.version ?? NOT_STORED,', 'undefined,'],
      ['|| attempt === ATTEMPTS) throw error;', ') throw error;'],
      ['!(error instanceof VersionConflictError) ||', ''],
    ],
  },
  'src/server/datasets/read-datasets.ts': {
    tests: datasets,
    faults: [
      ['items.some((item) => item.recordId === recordId)', 'true'],
      ['dataset.items.slice(offset, offset + limit)', 'dataset.items.slice(0, limit)'],
      ['dataset.items.slice(offset, offset + limit)', 'dataset.items.slice(offset)'],
      [
        'if (!stored) return undefined;',
        "if (!stored) return { name, items: 0, corrected: 0, version: 0, updatedAt: '', page: [] };",
      ],
      ['start += BATCH) {', 'start += items.length) {'],
      ['items.slice(start, start + BATCH)', 'items.slice(start)'],
      ['return example ? [', 'return record ? ['],
      ['if (lines.length > 0) yield', 'yield'],
      ['correctedAnswer !== undefined).length', 'correctedAnswer === undefined).length'],
    ],
  },
  'src/server/datasets/dataset.ts': {
    tests: datasets,
    faults: [
      ['...(description !== undefined && { description }),', ''],
      ['!items.every((item: PropertyValue) => toItem(item) !== undefined)', 'false'],
      [
        'if (recordId === undefined) return undefined;',
        "if (recordId === undefined) return { recordId: '' };",
      ],
      ['...(userId !== undefined && { userId }),', ''],
      ['...(addedAt !== undefined && { addedAt }),', ''],
    ],
  },
  'src/server/datasets/example-shapes.ts': {
    tests: ['test/server/datasets/example-shapes.test.ts'],
    faults: [
      [
        'return input && answer && { messages: [...input, answer] };',
        'return input && { messages: [...input, answer] };',
      ],
      ['JSON.stringify([dataset, item.recordId])', 'JSON.stringify([item.recordId])'],
      ['JSON.stringify([dataset, item.recordId])', 'JSON.stringify([dataset])'],
      ["if (question === '') return undefined;", ''],
      ['system === undefined ? [] : [', 'system !== undefined ? [] : ['],
      ["if (correctedAnswer !== undefined) return { role: 'assistant', content: correctedAnswer };", ''],
      ['&& calls.length === lines.length ? calls', '? calls'],
      ["if (names === undefined || names === null || names === '') return undefined;", ''],
      ['`call_${index + 1}`', '`call_${index}`'],
      ["json === '' ? { name, arguments: '{}' } : undefined", "{ name, arguments: '{}' }"],
      ["content === '' ? undefined : {", '{'],
      ['traceId !== undefined && spanId !== undefined && {', 'spanId !== undefined && {'],
    ],
  },
};
