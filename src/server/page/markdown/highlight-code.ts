import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import csharp from 'highlight.js/lib/languages/csharp';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import go from 'highlight.js/lib/languages/go';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import kotlin from 'highlight.js/lib/languages/kotlin';
import php from 'highlight.js/lib/languages/php';
import python from 'highlight.js/lib/languages/python';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import { createLowlight } from 'lowlight';
import type { CodeToken } from './markdown-node.js';

/** Longer code has one colour: its colours would take the worker longer than its reader. */
const MAX_LENGTH = 20_000;

const LANGUAGES = {
  bash,
  c,
  cpp,
  csharp,
  css,
  diff,
  go,
  java,
  javascript,
  json,
  kotlin,
  php,
  python,
  ruby,
  rust,
  sql,
  typescript,
  xml,
  yaml,
};

const highlighter = createLowlight(LANGUAGES);

type Highlighted = ReturnType<typeof highlighter.highlight>['children'][number];

/** Splits code into pieces of one colour; one piece without a known language. */
export function highlightCode(code: string, language: string | undefined): readonly CodeToken[] {
  if (language === undefined || code.length > MAX_LENGTH || !highlighter.registered(language))
    return [{ text: code, scope: undefined }];
  return highlighter.highlight(language, code).children.flatMap((node) => toTokens(node, undefined));
}

/** Returns the texts below a node, each with the class of the innermost element around it. */
function toTokens(node: Highlighted, scope: string | undefined): CodeToken[] {
  if (node.type === 'text') return [{ text: node.value, scope }];
  if (node.type !== 'element') return [];
  const [own] = Array.isArray(node.properties.className) ? node.properties.className : [];
  return node.children.flatMap((child) => toTokens(child, typeof own === 'string' ? own : scope));
}
