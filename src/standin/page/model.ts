export type Listener = (...values: unknown[]) => unknown;

/** Events as WhatsApp's models have them: several names in one string, separated by spaces. */
export class Emitter {
  #listeners = new Map<string, Set<Listener>>();

  on(names: string, listener: Listener): this {
    for (const name of names.split(' ')) {
      const listeners = this.#listeners.get(name) ?? new Set();
      this.#listeners.set(name, listeners.add(listener));
    }
    return this;
  }

  once(names: string, listener: Listener): this {
    for (const name of names.split(' ')) {
      const once: Listener = (...values) => {
        this.off(name, once);
        listener(...values);
      };
      this.on(name, once);
    }
    return this;
  }

  off(names: string, listener: Listener): this {
    for (const name of names.split(' ')) this.#listeners.get(name)?.delete(listener);
    return this;
  }

  emit(name: string, ...values: unknown[]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        listener(...values);
      } catch (error) {
        reportError(error);
      }
    }
  }
}

/** An object whose properties announce their changes, to itself and to its collection. */
export class Model extends Emitter {
  #collection: Emitter | undefined;

  belongTo(collection: Emitter): void {
    this.#collection = collection;
  }

  /** Assigns, then emits `change:<property>` (model, value, previous) and `change` (model). */
  set(changes: Partial<this>): void {
    const before = this.serialize();
    Object.assign(this, changes);
    const changed = Object.entries(changes).filter(([name, value]) => before[name] !== value);
    for (const [name, value] of changed) this.#announce(`change:${name}`, value, before[name]);
    if (changed.length > 0) this.#announce('change');
  }

  serialize(): Record<string, unknown> {
    return Object.fromEntries(Object.entries(this));
  }

  #announce(event: string, ...values: unknown[]): void {
    this.emit(event, this, ...values);
    this.#collection?.emit(event, this, ...values);
  }
}

interface Identified {
  id: { _serialized: string };
}

/** Models by their id; the oldest are let go once there are more than `limit`. */
export class Collection<M extends Model & Identified> extends Emitter {
  #models = new Map<string, M>();

  constructor(private readonly limit: number) {
    super();
  }

  get(id: string | { _serialized: string }): M | undefined {
    return this.#models.get(typeof id === 'string' ? id : id._serialized);
  }

  getModelsArray(): M[] {
    return [...this.#models.values()];
  }

  add(model: M): M {
    this.#models.set(model.id._serialized, model);
    model.belongTo(this);
    for (const oldest of this.#models.keys()) {
      if (this.#models.size <= this.limit) break;
      this.#models.delete(oldest);
    }
    this.emit('add', model);
    return model;
  }
}
