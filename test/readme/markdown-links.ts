/** A link to a file of the repository, or to a heading. */
export interface RelativeLink {
  /** Relative to the document; `''` for a link within it. */
  readonly path: string;
  readonly anchor: string | undefined;
}

/** Returns the links and images of a document that lead to no other host. Code is skipped. */
export function relativeLinks(text: string): readonly RelativeLink[] {
  const links = withoutCodeBlocks(text)
    .replaceAll(/`[^`\n]*`/g, (code) => '`'.repeat(code.length))
    .matchAll(/\]\(\s*<?([^\s)>]+)>?[^)]*\)/g);
  return [...links]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z][a-z+.-]*:/i.test(target))
    .map((target) => {
      const [path = '', anchor] = target.split('#');
      return { path: decodeURIComponent(path), anchor };
    });
}

/** Returns the anchors of the headings of a document, made as GitHub makes them. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutCodeBlocks(text).matchAll(/^#{1,6} +(.+)$/gm)) {
    const slug = slugOf(heading);
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

function slugOf(heading: string): string {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
    .replaceAll(' ', '-');
}

function withoutCodeBlocks(text: string): string {
  return text.replaceAll(/^[ ]*(```+|~~~+)[^\n]*\n[\s\S]*?^[ ]*\1[ ]*$/gm, '');
}
