/** Origin of a kind's names: chosen by people, the id of a record, conversation or person, or words of texts. The audit log keeps the latter two as hashes alone. */
type NamedBy = 'people' | 'id' | 'words';

/** Kinds of documents that people may read and change. The server's own kinds, such as the audit log, are none of them. */
export const DOCUMENT_KINDS = {
  view: 'people',
  segment: 'people',
  rule: 'people',
  dataset: 'people',
  topic: 'words',
  setting: 'people',
  state: 'id',
  note: 'id',
} as const satisfies Readonly<Record<string, NamedBy>>;

export type DocumentKind = keyof typeof DOCUMENT_KINDS;

export function isDocumentKind(kind: string): kind is DocumentKind {
  return Object.hasOwn(DOCUMENT_KINDS, kind);
}
