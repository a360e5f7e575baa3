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

const CREDENTIALS: readonly (readonly [found: RegExp, instead: string])[] = [
  // https://user:password@host
  [/\/\/[^/\s:@]+:[^/\s@]+@/g, '//***@'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, '$1 ***'],
  [/([?&](?:[a-z]+[_-])*(?:key|token|sig|signature|secret|password|credential)=)[^&\s"'<>]+/gi, '$1***'],
  // Keys that say whose they are: OpenAI, Anthropic, Groq, xAI, Hugging Face; Google; AWS; GitHub.
  [/\b(?:sk|pk|rk|gsk|xai|hf)[-_][\w-]{16,}|\bAIza[\w-]{30,}|\bAKIA[A-Z0-9]{12,}|\bgh[a-z]_\w{20,}/g, '***'],
];

/** A text of another library, such as the message of an error, without what looks like a credential. */
export function withoutCredentials(text: string): string {
  let result = text;
  for (const [found, instead] of CREDENTIALS) result = result.replace(found, instead);
  return result;
}
