import type { PropertyValue } from '../../records/model/prompt-record.js';
import { DOCUMENT_KINDS, isDocumentKind, type DocumentKind } from '../model/privacy/document-kinds.js';

/** Longest name, in UTF-16 code units. */
export const MAX_NAME_LENGTH = 256;
/** Largest value as JSON in UTF-8, and so the largest body of a request. */
const MAX_VALUE_BYTES = 256 * 1024;
/** Limit of a data set: a thousand answers with a correction of 2,000 characters each. */
export const MAX_DATASET_BYTES = 2 * 1024 * 1024;
/** Deepest nesting of a value. Programs that walk through values need a stack of this depth. */
const MAX_DEPTH = 32;
/** Documents of one kind, so that a list of them fits into memory. */
export const MAX_DOCUMENTS = 10_000;

/** A document that is not stored because it breaks a rule. The message says which one. */
export class DocumentRefusedError extends Error {
  override readonly name = 'DocumentRefusedError';
  readonly reason: 'kind' | 'name' | 'value' | 'too_large' | 'too_many' | 'changed';

  constructor(reason: DocumentRefusedError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** @throws DocumentRefusedError */
export function checkKind(kind: string): DocumentKind {
  if (isDocumentKind(kind)) return kind;
  throw new DocumentRefusedError(
    'kind',
    `The kind of a document must be one of ${Object.keys(DOCUMENT_KINDS).join(', ')}`,
  );
}

/** @throws DocumentRefusedError */
export function checkName(name: string): string {
  // Engines keep UTF-8, which has no lone surrogates.
  if (name !== '' && name.length <= MAX_NAME_LENGTH && isWellFormed(name) && !/\p{Cc}/u.test(name))
    return name;
  throw new DocumentRefusedError(
    'name',
    `The name of a document has 1 to ${MAX_NAME_LENGTH} characters, and no control characters`,
  );
}

/** Returns the largest value of a kind, in bytes. */
export function maxValueBytes(kind: string): number {
  return kind === 'dataset' ? MAX_DATASET_BYTES : MAX_VALUE_BYTES;
}

/** @throws DocumentRefusedError */
export function checkValue(kind: DocumentKind, value: PropertyValue): void {
  if (depthOf(value) > MAX_DEPTH)
    throw new DocumentRefusedError('value', `A document may be nested ${MAX_DEPTH} levels deep`);
  const max = maxValueBytes(kind);
  if (Buffer.byteLength(JSON.stringify(value)) > max)
    throw new DocumentRefusedError('too_large', `A document of this kind has at most ${max} bytes as JSON`);
}

function isWellFormed(text: string): boolean {
  return !/\p{Cs}/u.test(text);
}

/** Counts level by level: recursion would need a stack as deep as the value. */
function depthOf(value: PropertyValue): number {
  let depth = 0;
  let level: readonly PropertyValue[] = [value];
  while (level.length > 0 && depth <= MAX_DEPTH) {
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
    depth += 1;
  }
  return depth;
}
