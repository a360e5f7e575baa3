import type * as mdast from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmAutolinkLiteralFromMarkdown } from 'mdast-util-gfm-autolink-literal';
import { gfmStrikethroughFromMarkdown } from 'mdast-util-gfm-strikethrough';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { gfmTaskListItemFromMarkdown } from 'mdast-util-gfm-task-list-item';
import { gfmAutolinkLiteral } from 'micromark-extension-gfm-autolink-literal';
import { gfmStrikethrough } from 'micromark-extension-gfm-strikethrough';
import { gfmTable } from 'micromark-extension-gfm-table';
import { gfmTaskListItem } from 'micromark-extension-gfm-task-list-item';
import type { BlockNode, CodeToken, InlineNode, ListItem, TableRow } from './markdown-node.js';

/** Nodes below this depth are shown as the text in them. */
const MAX_DEPTH = 24;
/** More nodes than this would take the browser longer to show than anybody reads. */
const MAX_NODES = 10_000;
/** Level of the deepest heading of the page above a text. */
const PAGE_HEADING_LEVEL = 3;
const MAX_HEADING_LEVEL = 6;

const LINK_PROTOCOLS = ['http:', 'https:', 'mailto:'];
const IMAGE_PROTOCOLS = ['http:', 'https:'];

type AnyNode = mdast.RootContent;

/** Splits code into pieces of one colour. */
type HighlightCode = (code: string, language: string | undefined) => readonly CodeToken[];

/**
 * Reads GitHub's Markdown without HTML, which stays the text that it is.
 *
 * @throws RangeError for a text of more than {@link MAX_NODES} nodes
 */
export function parseMarkdown(text: string, highlight: HighlightCode): readonly BlockNode[] {
  const tree = fromMarkdown(text, {
    extensions: [
      gfmAutolinkLiteral(),
      gfmStrikethrough({ singleTilde: false }),
      gfmTable(),
      gfmTaskListItem(),
    ],
    mdastExtensions: [
      gfmAutolinkLiteralFromMarkdown(),
      gfmStrikethroughFromMarkdown(),
      gfmTableFromMarkdown(),
      gfmTaskListItemFromMarkdown(),
    ],
  });
  return new NodeReader(tree, text, highlight).read();
}

/** Converts a tree of mdast, in the order of the text. */
class NodeReader {
  readonly #tree: mdast.Root;
  readonly #text: string;
  readonly #highlight: HighlightCode;
  readonly #definitions = new Map<string, string>();
  #headingLevel = PAGE_HEADING_LEVEL;
  #count = 0;

  constructor(tree: mdast.Root, text: string, highlight: HighlightCode) {
    this.#tree = tree;
    this.#text = text;
    this.#highlight = highlight;
  }

  read(): BlockNode[] {
    this.#define(this.#tree, 0);
    return this.#blocks(this.#tree.children, 0);
  }

  /** Finds the addresses of links by reference, which may stand below the links. */
  #define(node: mdast.Root | AnyNode, depth: number): void {
    if (node.type === 'definition' && !this.#definitions.has(node.identifier))
      this.#definitions.set(node.identifier, node.url);
    if ('children' in node && depth < MAX_DEPTH)
      for (const child of node.children) this.#define(child, depth + 1);
  }

  #blocks(nodes: readonly AnyNode[], depth: number): BlockNode[] {
    return nodes.flatMap((node) => this.#block(node, depth + 1) ?? []);
  }

  #block(node: AnyNode, depth: number): BlockNode | undefined {
    this.#add(1);
    if (depth > MAX_DEPTH) return { type: 'paragraph', children: [this.#source(node)] };
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- mdast has kinds that no extension here makes
    switch (node.type) {
      case 'paragraph':
        return { type: 'paragraph', children: this.#inline(node.children, depth) };
      case 'heading':
        return {
          type: 'heading',
          level: this.#levelOf(node.depth),
          children: this.#inline(node.children, depth),
        };
      case 'blockquote':
        return { type: 'quote', children: this.#blocks(node.children, depth) };
      case 'list':
        return {
          type: 'list',
          start: node.ordered ? (node.start ?? 1) : undefined,
          items: node.children.map((item) => this.#item(item, depth)),
        };
      case 'code': {
        const language = node.lang?.toLowerCase();
        const tokens = this.#highlight(node.value, language);
        this.#add(tokens.length);
        return { type: 'code', language, tokens };
      }
      case 'table':
        return {
          type: 'table',
          align: (node.align ?? []).map((align) => align ?? undefined),
          rows: node.children.map((row) => this.#row(row, depth)),
        };
      case 'thematicBreak':
        return { type: 'rule' };
      case 'definition':
        return undefined;
      default:
        return { type: 'paragraph', children: this.#inline([node], depth) };
    }
  }

  #row(row: mdast.TableRow, depth: number): TableRow {
    this.#add(row.children.length);
    return row.children.map((cell) => this.#inline(cell.children, depth));
  }

  #item(item: mdast.ListItem, depth: number): ListItem {
    return { isDone: item.checked ?? undefined, children: this.#blocks(item.children, depth + 1) };
  }

  #add(nodes: number): void {
    this.#count += nodes;
    if (this.#count > MAX_NODES) throw new RangeError(`More than ${MAX_NODES} nodes`);
  }

  #levelOf(depth: number): number {
    this.#headingLevel = Math.min(PAGE_HEADING_LEVEL + depth, this.#headingLevel + 1, MAX_HEADING_LEVEL);
    return this.#headingLevel;
  }

  #inline(nodes: readonly AnyNode[], depth: number): InlineNode[] {
    return nodes.map((node) => this.#inlineNode(node, depth + 1));
  }

  #inlineNode(node: AnyNode, depth: number): InlineNode {
    this.#add(1);
    if (depth > MAX_DEPTH) return this.#source(node);
    // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- mdast has kinds that no extension here makes
    switch (node.type) {
      case 'text':
      case 'html':
        return { type: 'text', text: node.value };
      case 'inlineCode':
        return { type: 'code', text: node.value };
      case 'break':
        return { type: 'break' };
      case 'strong':
      case 'emphasis':
        return { type: node.type, children: this.#inline(node.children, depth) };
      case 'delete':
        return { type: 'deleted', children: this.#inline(node.children, depth) };
      case 'link':
        return this.#link(node.url, node, depth);
      case 'linkReference':
        return this.#link(this.#definitions.get(node.identifier), node, depth);
      case 'image':
        return this.#image(node.url, node);
      case 'imageReference':
        return this.#image(this.#definitions.get(node.identifier), node);
      default:
        return this.#source(node);
    }
  }

  /** A link with an address that the page does not follow is the text that it stands in. */
  #link(url: string | undefined, node: mdast.Link | mdast.LinkReference, depth: number): InlineNode {
    const address = allowedUrl(url, LINK_PROTOCOLS);
    if (address === undefined) return this.#source(node);
    return { type: 'link', url: address, children: this.#inline(node.children, depth) };
  }

  #image(url: string | undefined, node: mdast.Image | mdast.ImageReference): InlineNode {
    const address = allowedUrl(url, IMAGE_PROTOCOLS);
    if (address === undefined) return this.#source(node);
    return { type: 'image', url: address, alt: node.alt ?? '' };
  }

  /** The text from which a node was read. */
  #source({ position }: AnyNode): InlineNode {
    const text = position ? this.#text.slice(position.start.offset, position.end.offset) : '';
    return { type: 'text', text };
  }
}

/** Returns an absolute address with one of `protocols`, as the browser understands it. */
function allowedUrl(url: string | undefined, protocols: readonly string[]): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { protocol, href } = new URL(url);
  return protocols.includes(protocol) ? href : undefined;
}
