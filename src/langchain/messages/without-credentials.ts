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
