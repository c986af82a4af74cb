/** The page's files. They hold nothing secret: the page asks for the token. */
import icon from './page/icon.svg';
import html from './page/index.html';
import script from './page/page.js';
import style from './page/style.css';

const FILES: Readonly<Record<string, readonly [string, string]>> = {
  '/': [html, 'text/html'],
  '/page.js': [script, 'text/javascript'],
  '/style.css': [style, 'text/css'],
  '/icon.svg': [icon, 'image/svg+xml'],
};

const HEADERS = {
  'cache-control': 'no-cache',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** The file at a path, if there is one. */
export function pageOf(path: string): Response | undefined {
  const [text, type] = FILES[path] ?? [];
  if (text === undefined) return undefined;
  return new Response(text, { headers: { ...HEADERS, 'content-type': `${type}; charset=utf-8` } });
}
