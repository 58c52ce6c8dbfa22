const WITHOUT_GPU = [
  // Neither drives a graphics card nor holds a WebGL implementation in software: 8 MB.
  '--disable-gpu',
  '--disable-software-rasterizer',
];

/** No empty renderer is kept ready for the next site, which never comes: 8 MB and a process. */
const WITHOUT_SPARE_RENDERER = ['--disable-features=SpareRendererForSitePerProcess'];

/**
 * Network requests are made in the browser's own process: 15 MB and a process. On Linux that gives up
 * no protection from the page, as Chromium puts no sandbox around the process that it would have for
 * them (`--service-sandbox-type=none`, Chromium 150); elsewhere it has one, and keeps it.
 */
const WITH_NETWORK_IN_PROCESS =
  process.platform === 'linux' ? ['--enable-features=NetworkServiceInProcess2'] : [];

/**
 * Chromium arguments for machines with many sessions: WhatsApp Web works as without them, but for
 * WebGL, and a browser takes about a quarter less memory of its own. For `puppeteer.args`; lists of
 * features among them are joined with others there. What each gains was measured with an idle
 * session; what gained nothing is not here (docs/bench.md has the list).
 */
export const LEAN_ARGUMENTS: readonly string[] = [
  ...WITHOUT_GPU,
  ...WITHOUT_SPARE_RENDERER,
  ...WITH_NETWORK_IN_PROCESS,
];
