/** Returns true if a plain text can hold a data URL, as Markdown does. Cheaper than `withoutBinary()`. */
export function mayContainBinary(text: string): boolean {
  return text.length >= 512 && text.includes(';base64,');
}

const CREDENTIALS: readonly (readonly [found: RegExp, instead: string])[] = [
  // https://user:password@host
  [/\/\/[^/\s:@]+:[^/\s@]+@/g, '//***@'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, '$1 ***'],
  [/([?&](?:[a-z]+[_-])*(?:key|token|sig|signature|secret|password|credential)=)[^&\s"'<>]+/gi, '$1***'],
  // Keys with a known prefix: OpenAI, Anthropic, Groq, xAI, Hugging Face; Google; AWS; GitHub.
  [/\b(?:sk|pk|rk|gsk|xai|hf)[-_][\w-]{16,}|\bAIza[\w-]{30,}|\bAKIA[A-Z0-9]{12,}|\bgh[a-z]_\w{20,}/g, '***'],
];

/** Replaces what looks like a credential in the text of another library, such as the message of an error. */
export function withoutCredentials(text: string): string {
  let result = text;
  for (const [found, instead] of CREDENTIALS) result = result.replace(found, instead);
  return result;
}
