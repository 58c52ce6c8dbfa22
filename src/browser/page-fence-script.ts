/** What the fence in a document can be told, and what it says. */
export interface DocumentFence {
  /** 'struck' when the document is going. */
  feed(): 'fed' | 'struck';
  /**
   * For who has been silent until `wentOnAt`, whatever the document has noticed of that; one that was
   * opened later is not meant.
   */
  strike(wentOnAt: number): 'struck' | 'fed';
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

  const openedAt = Date.now();
  let lastFed = performance.now();
  let lastTick = lastFed;
  let graceUntil = 0;
  let isStruck = false;

  const strike = () => {
    isStruck = true;
    location.replace('about:blank');
  };
  const timer = setInterval(() => {
    const now = performance.now();
    // It was this document that stood still, at work or frozen. What was sent to it meanwhile is
    // yet to come; who sent nothing because he stood still as well says so himself.
    if (now - lastTick > limitMs / 2) graceUntil = now + limitMs / 2;
    lastTick = now;
    // Again and again: another navigation may take the place of ours.
    if (isStruck || (now - lastFed > limitMs && now > graceUntil)) strike();
  }, limitMs / 10);
  // A page that asks whether to leave it would wait for an answer that nobody gives.
  const leaveUnasked = (event: Event) => {
    if (isStruck) event.stopImmediatePropagation();
  };
  addEventListener('beforeunload', leaveUnasked, { capture: true });

  const fence: DocumentFence = {
    feed() {
      if (isStruck) return 'struck';
      lastFed = performance.now();
      return 'fed';
    },
    strike(wentOnAt) {
      if (openedAt >= wentOnAt) return fence.feed();
      strike();
      return 'struck';
    },
    disarm() {
      clearInterval(timer);
      removeEventListener('beforeunload', leaveUnasked, { capture: true });
      return 'disarmed';
    },
  };
  Object.defineProperty(globalThis, name, { value: fence });
}
