/** The live picture: redrawn when something changed, while idle times tick on their own. */
import type { Snapshot } from '../engine/snapshot.ts';
import { h } from '../ui/dom.ts';
import { duration, timeOfDay } from './duration.ts';
import { streamSection } from './stream-section.ts';

/** Draws snapshots into an element. */
export class Picture {
  readonly #streams: HTMLElement;
  readonly #clock: HTMLElement;
  #drawn = '';

  constructor(streams: HTMLElement, clock: HTMLElement) {
    this.#streams = streams;
    this.#clock = clock;
  }

  /** Shows a snapshot; the consumers' order gives them their colours. */
  show(snapshot: Snapshot, consumers: readonly string[]): void {
    this.#clock.textContent = timeOfDay(snapshot.now);
    this.#clock.setAttribute('datetime', new Date(snapshot.now).toISOString());
    const { now, ...state } = snapshot;
    const signature = JSON.stringify([state, consumers]);
    if (signature !== this.#drawn) {
      this.#drawn = signature;
      this.#redraw(snapshot, consumers);
    }
    for (const element of this.#streams.querySelectorAll<HTMLElement>('[data-since]')) {
      const text = duration(now - Number(element.dataset['since']));
      if (element.textContent !== text) element.textContent = text;
    }
  }

  #redraw(snapshot: Snapshot, consumers: readonly string[]): void {
    const scrolled = [...this.#streams.querySelectorAll('.strip')].map((strip) => ({
      left: strip.scrollLeft,
      atEnd: strip.scrollLeft + strip.clientWidth >= strip.scrollWidth - 4,
    }));
    this.#streams.replaceChildren(...sections(snapshot, consumers));
    this.#streams.querySelectorAll('.strip').forEach((strip, at) => {
      const before = scrolled[at];
      strip.scrollLeft = !before || before.atEnd ? strip.scrollWidth : before.left;
    });
  }
}

function sections(snapshot: Snapshot, consumers: readonly string[]): HTMLElement[] {
  const { streams, otherKeys } = snapshot;
  if (streams.length === 0) {
    return [h('p', { class: 'empty' },
      'No stream yet. The first XADD, or XGROUP CREATE with MKSTREAM, makes one appear here.')];
  }
  const drawn = streams.map((stream) => streamSection(stream, consumers));
  if (otherKeys > 0) {
    const keys = otherKeys === 1 ? '1 other key' : `${otherKeys} other keys`;
    drawn.push(h('p', { class: 'other-keys' }, `And ${keys}.`));
  }
  return drawn;
}
