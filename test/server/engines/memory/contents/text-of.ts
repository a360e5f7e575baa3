import { JsonBuffer } from '../../../../../src/server/engines/memory/contents/json-buffer.js';
import { CountReader } from '../../../../../src/server/engines/memory/contents/text-edits.js';

const buffer = new JsonBuffer();

/** Returns the text that edits make of its searchable form. */
export function textOf(searchable: string, edits: Buffer): unknown {
  buffer.clear();
  const bytes = Buffer.from(searchable);
  buffer.addText(bytes, 0, bytes.length, new CountReader(edits, 0, edits.length));
  return JSON.parse(buffer.bytes.toString());
}
