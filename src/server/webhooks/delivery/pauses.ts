export const TRIES = 5;

const FIRST_MS = 2_000;
const GROWTH = 5;

/** How long to wait after a try: 2 s, 10 s, 50 s and 250 s, give or take half of it. */
export function growingPauseMs(tries: number): number {
  return FIRST_MS * GROWTH ** (tries - 1) * (0.5 + Math.random());
}
