/** Lets so many through at once; those that hurry before the others. */
export class Turns {
  #free: number;
  readonly #hurried: (() => void)[] = [];
  readonly #others: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  async run<T>(hurries: boolean, work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else {
      await new Promise<void>((resolve) => {
        (hurries ? this.#hurried : this.#others).push(resolve);
      });
    }
    try {
      return await work();
    } finally {
      const next = this.#hurried.shift() ?? this.#others.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
