/** Figures for people: medians, digits that mean something, tables in Markdown. */

export const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Three digits that count. */
export function digits(value) {
  if (!Number.isFinite(value)) return '–';
  if (value >= 100) return String(Math.round(value));
  return value.toPrecision(3);
}

/** Rows below headings; the first column is text. */
export function table(headings, rows) {
  const all = [headings, ...rows].map((row) => row.map(String));
  const widths = headings.map((_, at) => Math.max(3, ...all.map((row) => row[at].length)));
  const padded = (cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]));
  const line = (row) => `| ${row.map(padded).join(' | ')} |`;
  const rules = widths.map((width, at) => `${'-'.repeat(width + 1)}${at === 0 ? '-' : ':'}`);
  return [line(all[0]), `|${rules.join('|')}|`, ...all.slice(1).map(line)].join('\n');
}
