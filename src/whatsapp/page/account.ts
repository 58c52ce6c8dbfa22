import type { AccountData, WidData } from '../page-events.js';
import type { PageModules } from './page-types.js';

/** Whose account the page is linked to, and leaving it. */
export function pageAccount(modules: PageModules) {
  type Me = () => WidData | undefined | null;

  const account = (): AccountData => {
    const conn = modules.need<{ pushname?: string; platform?: string }>('WAWebConnModel.Conn');
    const user = modules.need<{ getMaybeMePnUser?: Me; getMaybeMeLidUser?: Me }>(
      'WAWebUserPrefsMeUser',
    );
    const wid = user.getMaybeMePnUser?.() ?? user.getMaybeMeLidUser?.();
    if (!wid) throw new Error('PAGE_CHANGED:WAWebUserPrefsMeUser.getMaybeMePnUser');
    return {
      wid: { server: wid.server, user: wid.user, _serialized: wid._serialized },
      pushname: conn.pushname ?? '',
      platform: conn.platform ?? '',
    };
  };

  const logout = async () => {
    await modules.call('WAWebSocketModel.Socket.logout');
  };

  const takeover = async () => {
    await modules.call('WAWebSocketModel.Socket.takeover');
  };

  const state = () => modules.socket().state ?? null;
  const version = () => String(modules.version());

  return { account, logout, takeover, state, version };
}
