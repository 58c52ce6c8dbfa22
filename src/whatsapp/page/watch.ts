import type { WAState } from '../states.js';
import type { pageLinking } from './linking.js';
import type { pageMessages } from './messages.js';
import type { Emitter, PageModules, Report } from './page-types.js';

export interface DeviceNames {
  deviceName?: string | undefined;
  browserName?: string | undefined;
}

/** Waits for the page to boot, then reports what happens to its connection. */
export function pageWatch(
  modules: PageModules,
  report: Report,
  linking: ReturnType<typeof pageLinking>,
  messages: ReturnType<typeof pageMessages>,
  names: DeviceNames,
  onBooted: () => void,
): void {
  const BOOT_POLL_MS = 50;
  // The page may show its version before the last of its modules is there.
  const MODULES_PATIENCE_MS = 5_000;

  const messageOf = (error: unknown): string => (error as Error).message;

  const nameDevice = () => {
    if (!names.deviceName && !names.browserName) return;
    const utils = modules.need<{ info(): object }>('WAWebMiscBrowserUtils');
    const info = utils.info.bind(utils);
    utils.info = () => ({
      ...info(),
      ...(names.deviceName ? { os: names.deviceName } : {}),
      ...(names.browserName ? { name: names.browserName } : {}),
    });
  };

  let hasMessageTrouble = false;
  const attachMessages = () => {
    try {
      messages.attach();
    } catch (error) {
      if (!hasMessageTrouble) report({ type: 'degraded', reason: messageOf(error) });
      hasMessageTrouble = true;
    }
  };

  const onSynced = (synced: boolean) => {
    // Before anybody is told, so that no message falls between.
    if (synced) attachMessages();
    report({ type: 'synced', synced });
  };

  const onProgress = () => {
    const path = 'WAWebOfflineHandler.OfflineMessageHandler';
    const handler = modules.find<{ getOfflineDeliveryProgress?(): number }>(path);
    const percent = handler?.getOfflineDeliveryProgress?.();
    if (typeof percent === 'number') report({ type: 'progress', percent });
  };

  const attach = () => {
    const socket = modules.socket();
    const cmd = modules.need<Emitter>('WAWebCmd.Cmd');
    modules.need('WAWebConnModel.Conn');
    nameDevice();
    socket.on('change:state', (_socket: unknown, state: WAState) => {
      const now = (state ?? socket.state) as WAState;
      report({ type: 'state', state: now });
      try {
        linking.onState(now);
      } catch (error) {
        report({ type: 'unusable', reason: messageOf(error) });
      }
    });
    socket.on('change:hasSynced', (_socket: unknown, synced: unknown) => {
      onSynced(typeof synced === 'boolean' ? synced : socket.hasSynced !== false);
    });
    cmd.on('offline_progress_update_from_bridge', onProgress);
    cmd.on('logout', () => report({ type: 'logout' }));
    cmd.on('logout_from_bridge', () => report({ type: 'logout' }));
    // What came in while the device was away is added before the page has synced; but some versions
    // load this part only then.
    if (socket.hasSynced === true || modules.find('WAWebCollections.Msg')) attachMessages();
    onBooted();
    report({
      type: 'attached',
      version: String(modules.version()),
      state: socket.state as WAState,
      synced: socket.hasSynced === true,
    });
  };

  let bootedAt: number | undefined;
  const boot = setInterval(() => {
    if (modules.version() === null) return;
    bootedAt ??= performance.now();
    try {
      modules.socket();
      modules.need('WAWebCmd.Cmd');
      modules.need('WAWebConnModel.Conn');
      if (names.deviceName || names.browserName) modules.need('WAWebMiscBrowserUtils.info');
    } catch (error) {
      if (performance.now() - bootedAt < MODULES_PATIENCE_MS) return;
      clearInterval(boot);
      report({ type: 'unusable', reason: messageOf(error) });
      return;
    }
    clearInterval(boot);
    attach();
  }, BOOT_POLL_MS);
}
