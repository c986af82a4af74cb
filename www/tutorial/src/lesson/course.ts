/** Walks the reader through a lesson: holds its world, performs offers, decides when steps end. */
import { allHold, type Evidence, type Exchange } from '../check/evaluate.ts';
import type { Snapshot } from '../engine/snapshot.ts';
import { World } from '../engine/world.ts';
import { splitLine } from '../terminal/repl.ts';
import type { Lesson, Step, Suggestion } from './model.ts';
import type { Place } from './route.ts';

/** Where a course performs; the page gives it terminals and an editor for each world. */
export interface Stage {
  /** A new world has begun: draw the lesson and its terminals. */
  begin(lesson: Lesson, world: World): Promise<void>;
  /** Runs a command in a terminal; resolves when it has ended or begun to wait. */
  command(consumer: string, text: string): Promise<void>;
  kill(consumer: string): void;
  /** Runs code in the editor to its end. */
  script(place: string, code: string): Promise<void>;
  /** The steps before the current one were performed for the reader. */
  caughtUp(steps: number): void;
  /** A step is done, or a lesson was opened at a step. */
  moved(lesson: Lesson, step: number, finished: Step | null): void;
  picture(snapshot: Snapshot): void;
}

/** How often the picture and the check look at the engine. */
const TICK_MS = 250;

/** The course: one lesson and one world at a time. */
export class Course {
  readonly #lessons: readonly Lesson[];
  readonly #stage: Stage;
  #lesson: Lesson | null = null;
  #world: World | null = null;
  #step = 0;
  #exchanges: Exchange[] = [];
  #output = '';
  #skippedBefore = 0;
  /** While steps are performed for the reader, checks wait. */
  #catchingUp = false;
  #looking = false;
  #lookAgain = false;

  constructor(lessons: readonly Lesson[], stage: Stage) {
    this.#lessons = lessons;
    this.#stage = stage;
    setInterval(() => this.look(), TICK_MS);
  }

  /** Where the reader is; `null` before the first lesson. */
  get place(): Place | null {
    return this.#lesson ? { slug: this.#lesson.slug, step: this.#step } : null;
  }

  /** The step being done; `null` at the end of the lesson. */
  get step(): Step | null {
    return this.#lesson?.steps[this.#step] ?? null;
  }

  /** Opens a lesson with an empty engine and performs the steps before the place's own. */
  async open(place: Place): Promise<void> {
    const named = this.#lessons.find(({ slug }) => slug === place.slug);
    const lesson = named ?? this.#lessons[0];
    if (!lesson) return;
    const target = Math.min(place.step, lesson.steps.length);
    this.#world?.close();
    this.#catchingUp = true;
    const setup = lesson.setup.map((line) => splitLine(line) ?? []);
    const world = await World.open(lesson.consumers, setup);
    this.#world = world;
    this.#lesson = lesson;
    this.#step = target;
    await this.#stage.begin(lesson, world);
    for (const [at, step] of lesson.steps.slice(0, target).entries()) {
      await this.#performAll(step, `${lesson.slug}/${at}`);
      if (this.#world !== world) return;
    }
    if (target > 0) this.#stage.caughtUp(target);
    this.#catchingUp = false;
    this.#beginStep(target, null);
    this.look();
  }

  /** Starts the lesson again from an empty engine. */
  async reset(): Promise<void> {
    if (this.#lesson) await this.open({ slug: this.#lesson.slug, step: 0 });
  }

  /** Performs everything that the current step offers. */
  async solve(): Promise<void> {
    if (this.step) await this.#performAll(this.step, this.#key());
    this.look();
  }

  /** Moves the clock of the engine forward. */
  advance(ms: number): void {
    this.#world?.clock.advance(ms);
    this.look();
  }

  /** A terminal has an answer. */
  heard(exchange: Exchange): void {
    if (this.#catchingUp) return;
    this.#exchanges.push(exchange);
    this.look();
  }

  /** The script has printed something. */
  printed(text: string): void {
    this.#output += `${text}\n`;
  }

  /** Draws the picture and tries the step's check; calls made meanwhile become one more look. */
  look(): void {
    if (this.#looking) {
      this.#lookAgain = true;
      return;
    }
    this.#looking = true;
    void this.#lookOnce().finally(() => {
      this.#looking = false;
      if (!this.#lookAgain) return;
      this.#lookAgain = false;
      this.look();
    });
  }

  async #lookOnce(): Promise<void> {
    const world = this.#world;
    if (!world) return;
    try {
      const snapshot = await world.snapshot();
      if (this.#world !== world) return;
      this.#stage.picture(snapshot);
      const step = this.step;
      if (this.#catchingUp || !step || !(await allHold(step.checks, this.#evidence(world)))) return;
      if (this.#world === world && this.step === step) this.#beginStep(this.#step + 1, step);
    } catch (error) {
      if (this.#world === world) throw error;
    }
  }

  #evidence(world: World): Evidence {
    return {
      query: (args) => world.ask(args),
      exchanges: this.#exchanges,
      output: this.#output,
      advancedMs: world.clock.skipped - this.#skippedBefore,
    };
  }

  #beginStep(step: number, finished: Step | null): void {
    this.#step = step;
    this.#exchanges = [];
    this.#output = '';
    this.#skippedBefore = this.#world?.clock.skipped ?? 0;
    if (this.#lesson) this.#stage.moved(this.#lesson, step, finished);
  }

  async #performAll(step: Step, place: string): Promise<void> {
    for (const suggestion of step.suggestions) await this.#perform(suggestion, place);
  }

  async #perform(suggestion: Suggestion, place: string): Promise<void> {
    if (suggestion.kind === 'command') {
      await this.#stage.command(suggestion.consumer, suggestion.text);
    } else if (suggestion.kind === 'script') {
      await this.#stage.script(place, suggestion.code);
    } else if (suggestion.kind === 'kill') {
      this.#stage.kill(suggestion.consumer);
    } else {
      this.advance(suggestion.ms);
    }
  }

  /** The name under which the current step's code is kept. */
  #key(): string {
    return `${this.#lesson?.slug ?? ''}/${this.#step}`;
  }
}
