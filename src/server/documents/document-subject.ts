import { DOCUMENT_KINDS, type DocumentKind } from '../model/privacy/document-kinds.js';
import type { DocumentSubject } from '../privacy/audit-log.js';

/** Returns what the audit log is told of a document; without a name, of all documents of a kind. */
export function documentSubject(kind: DocumentKind, name?: string): DocumentSubject {
  return { kind, isId: DOCUMENT_KINDS[kind] !== 'people', ...(name !== undefined && { name }) };
}
