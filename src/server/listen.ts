/** What tells events; node's EventEmitter is one. */
export interface EventSource<Events extends Record<keyof Events, unknown[]>> {
  on<E extends keyof Events>(event: E, listener: (...payload: Events[E]) => void): unknown;
  off<E extends keyof Events>(event: E, listener: (...payload: Events[E]) => void): unknown;
}

type Listeners<Events extends Record<keyof Events, unknown[]>> = {
  [E in keyof Events]?: ((...payload: Events[E]) => void) | undefined;
};

/** Listens to several events. @returns ends it */
export function listen<Events extends Record<keyof Events, unknown[]>>(
  source: EventSource<Events>,
  listeners: Listeners<Events>,
): () => void {
  const undo = (Object.keys(listeners) as (keyof Events)[]).map((event) => {
    const listener = listeners[event];
    if (listener === undefined) return () => undefined;
    source.on(event, listener);
    return () => source.off(event, listener);
  });
  return () => {
    for (const end of undo) end();
  };
}
