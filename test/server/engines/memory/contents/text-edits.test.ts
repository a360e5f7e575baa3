import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CountReader, CountWriter } from '../../../../../src/server/engines/memory/contents/text-edits.js';

test('counts of any size are read as they were written, and no byte of them is one of ASCII', () => {
  const count = fc.oneof(fc.nat(200), fc.nat(0xff_ff), fc.nat(Number.MAX_SAFE_INTEGER));
  fc.assert(
    fc.property(fc.array(count, { maxLength: 300 }), (counts) => {
      const writer = new CountWriter();
      for (const each of counts) writer.add(each);
      const reader = new CountReader(writer.bytes, 0, writer.end);
      expect(counts.map(() => reader.next())).toEqual(counts);
      expect(reader.at).toBe(writer.end);
      expect(writer.bytes.every((byte) => byte >= 0x80 && byte < 0xff)).toBe(true);
    }),
  );
});
