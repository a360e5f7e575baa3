import type { ComponentChildren } from 'preact';
import { CopyButton } from '../parts/copy-button.js';
import type { BlockNode, CodeToken, ColumnAlign, InlineNode, ListItem, TableRow } from './markdown-node.js';
import { RemoteImage } from './remote-image.js';
import { useMarkdown } from './use-markdown.js';

/** An answer as Markdown; plain until it has been read, and where it cannot be. */
export function Markdown({ text }: { readonly text: string }) {
  const parsed = useMarkdown(text);
  if (!parsed || parsed === 'failed')
    return (
      <div class="plain-answer">
        <p class="text" dir="auto">
          {text}
        </p>
        {parsed && <p class="muted">Shown as plain text, because it takes too long to read as Markdown.</p>}
      </div>
    );
  return <div class="text markdown">{parsed.map(renderBlock)}</div>;
}

function renderBlock(node: BlockNode, key: number) {
  switch (node.type) {
    case 'paragraph':
      return <p key={key}>{node.children.map(renderInline)}</p>;
    case 'heading':
      return (
        <Heading key={key} level={node.level}>
          {node.children.map(renderInline)}
        </Heading>
      );
    case 'quote':
      return (
        <blockquote key={key} dir="auto">
          {node.children.map(renderBlock)}
        </blockquote>
      );
    case 'list':
      return <List key={key} start={node.start} items={node.items} />;
    case 'code':
      return <Code key={key} language={node.language} tokens={node.tokens} />;
    case 'table':
      return <Table key={key} align={node.align} rows={node.rows} />;
    case 'rule':
      return <hr key={key} />;
    default:
      return null;
  }
}

function renderInline(node: InlineNode, key: number): ComponentChildren {
  switch (node.type) {
    case 'text':
      return node.text;
    case 'code':
      return <code key={key}>{node.text}</code>;
    case 'break':
      return <br key={key} />;
    case 'strong':
      return <strong key={key}>{node.children.map(renderInline)}</strong>;
    case 'emphasis':
      return <em key={key}>{node.children.map(renderInline)}</em>;
    case 'deleted':
      return <del key={key}>{node.children.map(renderInline)}</del>;
    case 'link':
      return (
        <a key={key} href={node.url} target="_blank" rel="noopener noreferrer nofollow">
          {node.children.map(renderInline)}
        </a>
      );
    case 'image':
      return <RemoteImage key={key} url={node.url} alt={node.alt} />;
    default:
      return null;
  }
}

function Heading({ level, children }: { readonly level: number; readonly children: ComponentChildren }) {
  if (level === 4) return <h4>{children}</h4>;
  if (level === 5) return <h5>{children}</h5>;
  return <h6>{children}</h6>;
}

function List({ start, items }: { readonly start: number | undefined; readonly items: readonly ListItem[] }) {
  const rows = items.map(({ isDone, children }, key) => (
    <li key={key} data-task={isDone !== undefined}>
      {isDone !== undefined && (
        <input type="checkbox" checked={isDone} disabled aria-label={isDone ? 'Done' : 'Not done'} />
      )}
      {children.map(renderBlock)}
    </li>
  ));
  return start === undefined ? (
    <ul dir="auto">{rows}</ul>
  ) : (
    <ol dir="auto" start={start}>
      {rows}
    </ol>
  );
}

function Code({
  language,
  tokens,
}: {
  readonly language: string | undefined;
  readonly tokens: readonly CodeToken[];
}) {
  return (
    <div class="code-block">
      <div class="code-bar">
        <span class="muted">{language}</span>
        <CopyButton text={tokens.map(({ text }) => text).join('')} label="code" />
      </div>
      <pre tabIndex={0}>
        <code>
          {tokens.map(({ text, scope }, key) =>
            scope === undefined ? (
              text
            ) : (
              <span key={key} class={scope}>
                {text}
              </span>
            ),
          )}
        </code>
      </pre>
    </div>
  );
}

interface TableProps {
  readonly align: readonly ColumnAlign[];
  readonly rows: readonly TableRow[];
}

/** A table that scrolls within itself. */
function Table({ align, rows: [head = [], ...body] }: TableProps) {
  return (
    <div class="table-scroll" tabIndex={0} role="group" aria-label="Table">
      <table dir="auto">
        <thead>
          <tr>
            {head.map((cell, column) => (
              <th key={column} data-align={align[column]}>
                {cell.map(renderInline)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {body.map((row, key) => (
            <tr key={key}>
              {row.map((cell, column) => (
                <td key={column} data-align={align[column]}>
                  {cell.map(renderInline)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
