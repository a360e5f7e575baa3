import type { PropertyValue } from '../../records/model/prompt-record.js';
import type { DocumentStore } from '../engines/document-store.js';
import { BadQueryError } from '../query/parse-query.js';
import type { RecordQuery } from '../query/record-query.js';
import { parseFilters } from '../query/parse-filters.js';
import { readFilters } from './project-time-zone.js';
import type { DocumentReader } from './read-once.js';

/** Kind of the documents with segments: `{ filters }`, by name. */
export const SEGMENT_KIND = 'segment';

/** A segment that a query names, and that does not exist or cannot be read. */
export class UnknownSegmentError extends BadQueryError {}

export interface Segment {
  readonly name: string;
  /** As the parameters of a URL. A person belongs to the segment who has, for each of them, a record that matches it. */
  readonly filters: readonly string[];
  readonly version: number;
  /** Set if the document cannot be read. */
  readonly problem?: string;
}

/** Refuses a value that is no segment. @throws BadQueryError */
export function checkSegment(_name: string, value: PropertyValue): void {
  parseFilters(value);
}

/** Returns all segments, by name. */
export async function listSegments(documents: DocumentStore): Promise<readonly Segment[]> {
  return (await documents.list(SEGMENT_KIND)).map(({ name, value, version }) => {
    try {
      parseFilters(value);
      return { name, filters: (value as { filters: readonly string[] }).filters, version };
    } catch (error) {
      if (error instanceof BadQueryError) return { name, filters: [], version, problem: error.message };
      throw error;
    }
  });
}

/** Returns the query for the records of the people in a segment. @throws UnknownSegmentError */
export async function segmentQuery(documents: DocumentReader, name: string): Promise<RecordQuery> {
  const document = await documents.get(SEGMENT_KIND, name);
  if (!document) throw new UnknownSegmentError(`There is no segment "${name}"`);
  try {
    return { peopleWho: await readFilters(document.value, documents) };
  } catch (error) {
    if (!(error instanceof BadQueryError)) throw error;
    throw new UnknownSegmentError(`The segment "${name}" cannot be read: ${error.message}`);
  }
}
