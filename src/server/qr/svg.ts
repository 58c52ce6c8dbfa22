import { renderSVG } from 'uqr';

/** Phones need light around it. */
const QUIET_ZONE = 4;

export function qrSvg(text: string): string {
  return renderSVG(text, { ecc: 'L', border: QUIET_ZONE });
}
