const TOKEN = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\b(?:True|False|None)\b|[^'"TFN]+|[TFN]/gsy;
const WORDS: ReadonlyMap<string, string> = new Map([
  ['True', 'true'],
  ['False', 'false'],
  ['None', 'null'],
]);

/**
 * Decodes Python's `repr()` of lists, dicts, strings, numbers, booleans and None. Returns `undefined` for any other text.
 */
export function decodePythonLiteral(text: string): unknown {
  const tokens = text.match(TOKEN);
  if (!tokens || tokens.reduce((length, token) => length + token.length, 0) !== text.length) return undefined;
  try {
    return JSON.parse(tokens.map(toJson).join(''));
  } catch {
    return undefined;
  }
}

function toJson(token: string): string {
  return token.startsWith("'") || token.startsWith('"')
    ? JSON.stringify(unquote(token))
    : (WORDS.get(token) ?? token);
}

function unquote(token: string): string {
  return token
    .slice(1, -1)
    .replaceAll(
      /\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8})|(.))/gis,
      (_match, x, u, long, char: string) => {
        const code: unknown = x ?? u ?? long;
        if (typeof code === 'string') return String.fromCodePoint(Number.parseInt(code, 16));
        return ESCAPES[char] ?? char;
      },
    );
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
