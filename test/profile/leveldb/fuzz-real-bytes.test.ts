import { expect, it } from 'vitest';
import { fuzz } from '../support/fuzz.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** `npm run test:fuzz` gives the numbers; `npm test` runs a short form. */
const inputs = Number(process.env.HOLDFAST_FUZZ_INPUTS ?? 20_000);
const seed = Number(process.env.HOLDFAST_FUZZ_SEED ?? 1);

it(
  `${inputs} damaged inputs: no crash, no hang, and nothing is called whole that is not (seed ${seed})`,
  async () => {
    const outcomes = await fuzz(await temporaryFolder(), seed, inputs);
    if (inputs > 20_000) console.log(outcomes);
    if (inputs < 20_000) return;
    // Each reader must have been through both, or the inputs are not what they should be.
    for (const name of ['snappy', 'block entries', 'write batch', 'manifest']) {
      expect(outcomes[`${name}: read`], name).toBeGreaterThan(0);
      expect(outcomes[`${name}: refused`], name).toBeGreaterThan(0);
    }
    for (const state of ['ok', 'torn', 'damaged']) {
      expect(outcomes[`000004.log: ${state}`], state).toBeGreaterThan(0);
    }
  },
  60_000 + inputs * 5,
);
