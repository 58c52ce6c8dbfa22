/** What the fence in a document can be told, and what it says. */
export interface DocumentFence {
  /** 'late' when the document has been without a feed for too long: then it goes, fed or not. */
  feed(): 'fed' | 'late';
  disarm(): 'disarmed';
}

/**
 * The source of the fence: a script for every new document, in a world that the page's own scripts
 * do not share.
 *
 * @param name the property of that world's `globalThis` that holds the {@link DocumentFence}
 */
export function fenceSource(name: string, limitMs: number): string {
  return `(${fenceDocument})(${JSON.stringify(name)}, ${limitMs})`;
}

function fenceDocument(name: string, limitMs: number): void {
  const isFenceable = window === window.top && /^https?:$/.test(location.protocol);
  if (!isFenceable || name in globalThis) return;

  // performance.now() stands still while the machine is suspended, and Date.now() may be set back.
  const now = () => ({ steady: performance.now(), clock: Date.now() });
  let lastFed = now();
  let isStruck = false;

  const isLate = () => {
    const { steady, clock } = now();
    return Math.max(steady - lastFed.steady, clock - lastFed.clock) > limitMs;
  };
  const strike = () => {
    isStruck = true;
    location.replace('about:blank');
  };
  // Again and again: another navigation may take the place of ours.
  const timer = setInterval(() => {
    if (isStruck || isLate()) strike();
  }, limitMs / 10);
  // A page that asks whether to leave it would wait for an answer that nobody gives.
  const leaveUnasked = (event: Event) => {
    if (isStruck) event.stopImmediatePropagation();
  };
  addEventListener('beforeunload', leaveUnasked, { capture: true });

  const fence: DocumentFence = {
    feed() {
      // When everything was stopped, the feed may come before the timer.
      if (isStruck || isLate()) {
        strike();
        return 'late';
      }
      lastFed = now();
      return 'fed';
    },
    disarm() {
      clearInterval(timer);
      removeEventListener('beforeunload', leaveUnasked, { capture: true });
      return 'disarmed';
    },
  };
  Object.defineProperty(globalThis, name, { value: fence });
}
