/** The page as the course's stage: what happens on screen when the course moves. */
import type { Exchange } from './check/evaluate.ts';
import type { World } from './engine/world.ts';
import type { Stage } from './lesson/course.ts';
import type { LessonView } from './lesson/lesson-view.ts';
import type { Lesson, Step, Suggestion } from './lesson/model.ts';
import type { Progress } from './lesson/progress.ts';
import { writePlace } from './lesson/route.ts';
import { Picture } from './picture/picture.ts';
import { Editor } from './script/editor.ts';
import { loadAssistant } from './terminal/repl.ts';
import { EDITOR_TAB, Terminals } from './terminal/terminals.ts';
import { announce } from './ui/announcer.ts';
import { byId } from './ui/dom.ts';
import { showLessons } from './ui/lesson-nav.ts';
import { Panels } from './ui/panels.ts';
import { showStepBar } from './ui/step-bar.ts';

/** What the page reports to the course. */
export interface Reports {
  heard(exchange: Exchange): void;
  printed(text: string): void;
}

/** The terminals, the editor and the picture of the open lesson. */
export class Workbench {
  readonly #lessons: readonly Lesson[];
  readonly #progress: Progress;
  readonly #reports: Reports;
  readonly #panels = new Panels();
  readonly #picture = new Picture(byId('streams'), byId('clock'));
  #lesson: Lesson | null = null;
  #terminals: Terminals | null = null;
  #editor: Editor | null = null;

  constructor(lessons: readonly Lesson[], progress: Progress, reports: Reports) {
    this.#lessons = lessons;
    this.#progress = progress;
    this.#reports = reports;
  }

  /** The stage that a course performs on. */
  stageFor(view: LessonView): Stage {
    return {
      begin: (lesson, world) => this.#begin(view, lesson, world),
      command: async (consumer, text) => {
        this.#terminals?.show(consumer);
        await this.#terminals?.of(consumer)?.run(text);
      },
      kill: (consumer) => this.#terminals?.of(consumer)?.kill(),
      script: async (place, code) => {
        this.#terminals?.show(EDITOR_TAB);
        this.#editor?.restore(place, code);
        await this.#editor?.run();
      },
      caughtUp: (steps) => this.#noteCaughtUp(steps),
      moved: (lesson, step, finished) => this.#moved(view, lesson, step, finished),
      picture: (snapshot) => this.#picture.show(snapshot, this.#lesson?.consumers ?? []),
    };
  }

  /** Brings an offer of the lesson to where the reader can use it. */
  offer(suggestion: Suggestion, step: number): void {
    if (suggestion.kind === 'kill') {
      this.#terminals?.show(suggestion.consumer);
      this.#terminals?.of(suggestion.consumer)?.kill();
    } else if (suggestion.kind === 'command') {
      this.#panels.show('terminal');
      this.#terminals?.show(suggestion.consumer);
      this.#terminals?.of(suggestion.consumer)?.type(suggestion.text);
    } else if (suggestion.kind === 'script') {
      this.#panels.show('terminal');
      this.#terminals?.show(EDITOR_TAB);
      this.#editor?.restore(`${this.#lesson?.slug ?? ''}/${step}`, suggestion.code);
      this.#editor?.focus();
    }
  }

  async #begin(view: LessonView, lesson: Lesson, world: World): Promise<void> {
    this.#lesson = lesson;
    this.#editor?.cancel();
    const hasCode = lesson.steps.some((step) =>
      step.suggestions.some(({ kind }) => kind === 'script'));
    const assistant = await loadAssistant(world);
    this.#editor = hasCode ? new Editor(world, (text) => this.#reports.printed(text)) : null;
    const editor = this.#editor?.element ?? null;
    this.#terminals = new Terminals(byId('terminals'), world, assistant, editor, {
      onExchange: (exchange) => this.#reports.heard(exchange),
    });
    view.show(lesson, this.#lessons[this.#lessons.indexOf(lesson) + 1]);
    document.title = `${lesson.title} · Brooklet`;
  }

  #moved(view: LessonView, lesson: Lesson, step: number, finished: Step | null): void {
    const place = { slug: lesson.slug, step };
    this.#progress.visit(place);
    if (location.hash !== writePlace(place)) history.replaceState(null, '', writePlace(place));
    view.setCurrent(step);
    showLessons(byId('lessons'), this.#lessons, this.#progress, lesson.slug);
    showStepBar(byId('step-bar'), lesson, step, finished, () => {
      this.#panels.focus('lesson');
      showStepBar(byId('step-bar'), lesson, step, null, () => this.#panels.focus('lesson'));
    });
    this.#offerCode(lesson, step);
    if (finished) this.#announceDone(lesson, step, finished);
  }

  /** A step with code has it in the editor from the start. */
  #offerCode(lesson: Lesson, step: number): void {
    const script = lesson.steps[step]?.suggestions.find(({ kind }) => kind === 'script');
    if (script?.kind === 'script') this.#editor?.offer(`${lesson.slug}/${step}`, script.code);
  }

  #announceDone(lesson: Lesson, step: number, finished: Step): void {
    const next = lesson.steps[step];
    const onward = next ? `Next: ${next.title}.` : 'That was the last step of this lesson.';
    announce(`Step done: ${finished.title}. ${onward}`);
  }

  #noteCaughtUp(steps: number): void {
    const which = steps === 1 ? 'Step 1 was' : `Steps 1 to ${steps} were`;
    const [first] = this.#lesson?.consumers ?? [];
    const note = `${which} performed for you, so that the engine is where the lesson needs it.`;
    if (first !== undefined) this.#terminals?.of(first)?.note(note);
  }
}
