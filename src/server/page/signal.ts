export type Listener<T> = (value: T) => void;

/** Listeners of one kind of event. */
export class Signal<T> {
  readonly #listeners = new Set<Listener<T>>();

  /** Answers with what ends it. */
  listen(listener: Listener<T>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }
}
