import { isDocumentKind, type DocumentKind } from '../../model/privacy/document-kinds.js';

/** Content of a route's answer: numbers and names (of people, models, tags, filters), or texts that people wrote or read. */
export type Contents = 'numbers' | 'texts';

/**
 * Content of each GET route of the JSON API, besides those for documents. A route that is missing here counts as one with texts, and
 * `test/server/http/access/numbers-access.test.ts` asks for its line.
 */
export const ROUTE_CONTENTS = {
  '/api/activity': 'numbers',
  '/api/alerts': 'numbers',
  '/api/audit': 'numbers',
  '/api/compare': 'numbers',
  '/api/erasure': 'numbers',
  '/api/intake': 'numbers',
  '/api/internal': 'numbers',
  '/api/labels': 'numbers',
  '/api/measure': 'numbers',
  '/api/organizations': 'numbers',
  '/api/retention': 'numbers',
  '/api/segments': 'numbers',
  '/api/stats': 'numbers',
  '/api/summary': 'numbers',
  '/api/users': 'numbers',
  // The filters of a rule can be a search.
  '/api/alerts/preview': 'texts',
  '/api/datasets': 'texts',
  '/api/datasets/:name': 'texts',
  '/api/datasets/:name/export': 'texts',
  '/api/changes': 'texts',
  // Names of spans are chosen by applications.
  '/api/explain': 'texts',
  '/api/export': 'texts',
  '/api/live': 'texts',
  '/api/records': 'texts',
  '/api/review': 'texts',
  '/api/review/conversations': 'texts',
  '/api/person': 'texts',
  '/api/records/': 'texts',
  '/api/records/:id': 'texts',
  // The reasons repeat what was sent.
  '/api/rejections': 'texts',
  // A conversation is shown by its first prompt.
  '/api/threads': 'texts',
  // Topics are named by words of prompts.
  '/api/topics': 'texts',
} as const satisfies Readonly<Record<string, Contents>>;

/** Content of documents of each kind. */
export const DOCUMENT_CONTENTS = {
  view: 'numbers',
  segment: 'numbers',
  rule: 'numbers',
  setting: 'numbers',
  dataset: 'texts',
  topic: 'texts',
  state: 'texts',
  note: 'texts',
} as const satisfies Readonly<Record<DocumentKind, Contents>>;

const DOCUMENTS = /^\/api\/documents\/([^/]+)(?:\/|$)/;

/** Returns what a path of the JSON API answers. */
export function contentsOf(path: string): Contents {
  if (Object.hasOwn(ROUTE_CONTENTS, path)) return ROUTE_CONTENTS[path as keyof typeof ROUTE_CONTENTS];
  const [, kind = ''] = DOCUMENTS.exec(path) ?? [];
  return isDocumentKind(kind) ? DOCUMENT_CONTENTS[kind] : 'texts';
}
