/** Values of the keys seen most recently: a flood of addresses does not fill the memory. */
export class RecentKeys<T> {
  readonly #values = new Map<string, T>();

  constructor(
    private readonly most: number,
    private readonly create: () => T,
  ) {}

  get(key: string): T {
    const value = this.#values.get(key) ?? this.create();
    this.#values.delete(key);
    this.#values.set(key, value);
    if (this.#values.size > this.most) {
      const [oldest] = this.#values.keys();
      if (oldest !== undefined) this.#values.delete(oldest);
    }
    return value;
  }
}
