import jsQR from 'jsqr';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';

export const qrOn = (page: Page) => page.getByRole('img', { name: 'QR code' });

/** What a phone reads that looks at the page. */
export async function scan(page: Page): Promise<string | undefined> {
  const { data, width, height } = PNG.sync.read(await qrOn(page).screenshot());
  return jsQR(Uint8ClampedArray.from(data), width, height)?.data;
}
