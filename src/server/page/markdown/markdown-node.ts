/**
 * Markdown as plain data, with nothing but what the page shows. A worker makes it and the page renders it, each kind by elements of a
 * closed list, so that a recorded text can never become an element or an address of its own choice.
 */
export type BlockNode =
  | { readonly type: 'paragraph'; readonly children: readonly InlineNode[] }
  /** `level` is that of the element: below the headings of the page, and at most one deeper than the heading before. */
  | { readonly type: 'heading'; readonly level: number; readonly children: readonly InlineNode[] }
  | { readonly type: 'quote'; readonly children: readonly BlockNode[] }
  | { readonly type: 'list'; readonly start: number | undefined; readonly items: readonly ListItem[] }
  | { readonly type: 'code'; readonly language: string | undefined; readonly tokens: readonly CodeToken[] }
  | { readonly type: 'table'; readonly align: readonly ColumnAlign[]; readonly rows: readonly TableRow[] }
  | { readonly type: 'rule' };

export type InlineNode =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'break' }
  | { readonly type: 'strong' | 'emphasis' | 'deleted'; readonly children: readonly InlineNode[] }
  /** `url` is http, https or mailto. */
  | { readonly type: 'link'; readonly url: string; readonly children: readonly InlineNode[] }
  /** `url` is http or https. */
  | { readonly type: 'image'; readonly url: string; readonly alt: string };

export interface ListItem {
  /** Undefined if the item is no task. */
  readonly isDone: boolean | undefined;
  readonly children: readonly BlockNode[];
}

export type ColumnAlign = 'left' | 'right' | 'center' | undefined;

/** Cells of a row. The first row of a table is its head. */
export type TableRow = readonly (readonly InlineNode[])[];

/** A piece of code of one colour. */
export interface CodeToken {
  readonly text: string;
  /** Class of highlight.js, such as `hljs-keyword`. */
  readonly scope: string | undefined;
}
