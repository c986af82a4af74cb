/** Light or dark: the system's choice until the reader makes one. */
import { load, save } from './storage.ts';

type Theme = 'light' | 'dark';
const KEY = 'brooklet.theme';

const isTheme = (value: unknown): value is Theme => value === 'light' || value === 'dark';

/** Applies the remembered theme and lets the button switch it. */
export function setUpTheme(button: HTMLElement): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  let chosen: Theme | null = load<Theme | null>(KEY, isTheme, null);
  const apply = (): void => {
    const theme = chosen ?? (dark.matches ? 'dark' : 'light');
    document.documentElement.dataset['theme'] = theme;
    const other = theme === 'dark' ? 'light' : 'dark';
    button.setAttribute('aria-label', `Switch to the ${other} theme`);
    button.title = `Switch to the ${other} theme`;
  };
  button.addEventListener('click', () => {
    chosen = document.documentElement.dataset['theme'] === 'dark' ? 'light' : 'dark';
    save(KEY, chosen);
    apply();
  });
  dark.addEventListener('change', apply);
  apply();
}
