/** Longer than any word of any language, shorter than the smallest picture. Begun only where a word begins: it takes linear time. */
const BASE64 = /(?:data:[\w.+/-]{1,100};base64,|(?<![A-Za-z0-9+/]))[A-Za-z0-9+/]{512,}={0,2}/g;

/** A text, mostly JSON, with the binary content in it named by its size: tools take and return pictures as text. */
export function withoutBinary(text: string): string {
  if (text.length < 512) return text;
  return text.replace(BASE64, (found) => `[base64, ${Math.floor((found.length * 3) / 4)} bytes]`);
}

/** Whether a plain text has a picture in it, as Markdown can have. Much quicker than {@link withoutBinary}. */
export function mayHaveBinary(text: string): boolean {
  return text.length >= 512 && text.includes(';base64,');
}
