/** Says things to screen readers, one after another, through the page's live region. */
import { byId } from './dom.ts';

/** Announces a sentence; the same sentence twice is said twice. */
export function announce(sentence: string): void {
  const region = byId('announcer');
  const line = document.createElement('p');
  line.textContent = sentence;
  region.append(line);
  while (region.childElementCount > 3) region.firstElementChild?.remove();
}
