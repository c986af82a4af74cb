/** Counts what goes on at the same time, and refuses what would be too much. */
import { RestError } from './error.js';

/** One kind of thing that is bounded. */
export class Gate {
  #inside = 0;

  constructor(
    private readonly most: number,
    private readonly what: string,
  ) {}

  /** Lets one in, or throws a RestError; call what it returns once when it is over. */
  enter(): () => void {
    if (this.#inside >= this.most) {
      throw new RestError(503, `ERR max number of ${this.what} reached. Limit: ${this.most}`, {
        'retry-after': '1',
      });
    }
    this.#inside++;
    let isInside = true;
    return () => {
      if (isInside) this.#inside--;
      isInside = false;
    };
  }
}
