interface Node {
  readonly children: Map<string, Node>;
  isEnd: boolean;
}

/**
 * Returns a pattern that matches the longest of the phrases, which are separated by `|` in each line. A space in a phrase stands for a
 * space, a hyphen, an underscore or nothing. Letters may lack their accents.
 *
 * The pattern is a tree of letters: a word of a text is compared with one branch, instead of with hundreds of phrases.
 */
export function anyOf(...lines: readonly string[]): string {
  const root: Node = { children: new Map(), isEnd: false };
  const phrases = lines.flatMap((line) => line.split('|'));
  for (const phrase of phrases.flatMap((each) => [each, withoutAccents(each)])) add(root, phrase);
  return patternOf(root);
}

function withoutAccents(phrase: string): string {
  return phrase
    .normalize('NFD')
    .replaceAll(/(?<=\p{Script=Latin})\p{M}/gu, '')
    .normalize('NFC');
}

function add(root: Node, phrase: string): void {
  let node = root;
  for (const letter of phrase) {
    const next: Node = node.children.get(letter) ?? { children: new Map(), isEnd: false };
    node.children.set(letter, next);
    node = next;
  }
  node.isEnd = true;
}

function patternOf({ children, isEnd }: Node): string {
  const branches = [...children].map(([letter, node]) => letterPattern(letter) + patternOf(node));
  if (branches.length === 0) return '';
  return branches.length === 1 && !isEnd ? branches.join('') : `(?:${branches.join('|')})${isEnd ? '?' : ''}`;
}

function letterPattern(letter: string): string {
  return letter === ' ' ? '[ _-]?' : letter.replace(/[.*+?^${}()|[\]\\/]/, String.raw`\$&`);
}
