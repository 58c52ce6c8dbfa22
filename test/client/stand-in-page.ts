import type { StandIn } from '../../src/standin/index.js';

/** The stand-in's page as tests want it by default: as quick as can be. */
export function resetPage(standIn: StandIn): void {
  Object.assign(standIn.page, {
    bootDelayMs: 0,
    navigationsDuringBoot: 0,
    syncDelayMs: 50,
    syncedAtBoot: false,
    withhold: [],
    advSecretModule: 'WAWebUserPrefsMultiDevice',
    refLifetimesMs: [60_000, 20_000],
    refCount: 6,
    codeLifetimeMs: 180_000,
  } satisfies Partial<StandIn['page']>);
}
