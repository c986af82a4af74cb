/** Starts the page: wires the course to the lesson, the terminals, the editor and the picture. */
import './style/fonts.css';
import './style/theme.css';
import './style/layout.css';
import './style/lesson.css';
import './style/terminal.css';
import './style/picture.css';
import './style/editor.css';
import { lessons } from 'virtual:lessons';
import { Course, type Stage } from './lesson/course.ts';
import { LessonView } from './lesson/lesson-view.ts';
import { Progress } from './lesson/progress.ts';
import { readPlace, type Place } from './lesson/route.ts';
import { Workbench } from './workbench.ts';
import { byId, h } from './ui/dom.ts';
import { setUpTheme } from './ui/theme.ts';

const progress = new Progress();
const workbench = new Workbench(lessons, progress, {
  heard: (exchange) => course.heard(exchange),
  printed: (text) => course.printed(text),
});
const view = new LessonView(byId('lesson'), {
  offer: (suggestion, step) => {
    if (suggestion.kind === 'advance') course.advance(suggestion.ms);
    else workbench.offer(suggestion, step);
  },
  solve: () => void course.solve(),
  reset: () => void course.reset(),
});
const stage: Stage = workbench.stageFor(view);
const course = new Course(lessons, stage);

setUpTheme(byId('theme'));
const help = byId('help');
byId('keys').addEventListener('click', () => {
  if (help instanceof HTMLDialogElement) help.showModal();
});
for (const button of document.querySelectorAll<HTMLElement>('[data-advance]')) {
  button.addEventListener('click', () => course.advance(Number(button.dataset['advance'])));
}
addEventListener('hashchange', () => void follow(readPlace(location.hash)));
void follow(readPlace(location.hash) ?? progress.last).then(() => {
  document.documentElement.dataset['ready'] = 'true';
  performance.mark('brooklet-ready');
});

/** Opens a place unless the reader is there already. */
async function follow(place: Place | null): Promise<void> {
  const here = course.place;
  if (here && place && here.slug === place.slug && here.step === place.step) return;
  try {
    await course.open(place ?? { slug: lessons[0]?.slug ?? '', step: 0 });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    byId('lesson').replaceChildren(h('div', { class: 'failure', role: 'alert' },
      h('h2', {}, 'The engine did not start'), h('p', {}, reason),
      h('p', {}, 'Brooklet needs WebAssembly. A newer browser, or a reload, may help.')));
  }
}
