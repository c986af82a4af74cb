/** Colours JavaScript for the editor; a handful of token kinds is enough to read by. */
import { h } from '../ui/dom.ts';

const KEYWORDS =
  'async await break case catch class const continue default delete do else finally for function ' +
  'if import in instanceof let new of return static super switch this throw try typeof var void ' +
  'while yield true false null undefined';

const TOKEN = new RegExp(
  [
    '(?<comment>\\/\\/[^\\n]*|\\/\\*[\\s\\S]*?(?:\\*\\/|$))',
    '(?<string>"(?:\\\\.|[^"\\\\\\n])*"?|\'(?:\\\\.|[^\'\\\\\\n])*\'?|`(?:\\\\.|[^`\\\\])*`?)',
    '(?<number>\\b\\d[\\w.]*)',
    `(?<keyword>\\b(?:${KEYWORDS.replaceAll(' ', '|')})\\b)`,
    '(?<call>\\b[A-Za-z_$][\\w$]*(?=\\())',
  ].join('|'),
  'g',
);

/** The code as text nodes and coloured spans; joined they are the code itself. */
export function highlight(code: string): Node[] {
  const nodes: Node[] = [];
  let end = 0;
  for (const match of code.matchAll(TOKEN)) {
    nodes.push(document.createTextNode(code.slice(end, match.index)));
    const kind = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined)?.[0];
    nodes.push(h('span', { class: `code-${kind ?? 'plain'}` }, match[0]));
    end = match.index + match[0].length;
  }
  nodes.push(document.createTextNode(code.slice(end)));
  return nodes;
}
