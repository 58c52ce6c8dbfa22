import { pageAccount } from './account.js';
import { pageLinking } from './linking.js';
import { pageMessages } from './messages.js';
import { pageModules } from './modules.js';
import { type DeviceNames, pageWatch } from './watch.js';

/** What the agent in the page can be asked to do. */
export type AgentActions = ReturnType<typeof pageAccount> &
  Pick<ReturnType<typeof pageLinking>, 'showQr' | 'requestCode' | 'backToQr'> &
  Pick<ReturnType<typeof pageMessages>, 'sendText'>;

/**
 * The source of the agent: a script for every new document of the page. It starts before the
 * page's own scripts, so that nothing the page does is missed, however often it navigates.
 *
 * @param binding the function on `window` that carries reports out, see CDP Runtime.addBinding
 * @param handle the property of `window` under which the actions can be called once it has booted
 */
export function agentSource(
  origin: string,
  binding: string,
  handle: string,
  names: DeviceNames,
): string {
  return `(() => {
    if (window !== window.top || location.origin !== ${JSON.stringify(origin)}) return;
    const report = (event) => window[${JSON.stringify(binding)}](JSON.stringify(event));
    // Where the page goes when the device was unlinked; it may get here before it had booted.
    if (new URLSearchParams(location.search).has('post_logout')) report({ type: 'logout' });
    const modules = (${pageModules})();
    const account = (${pageAccount})(modules);
    const linking = (${pageLinking})(modules, report);
    const messages = (${pageMessages})(modules, report);
    const { showQr, requestCode, backToQr } = linking;
    const { sendText } = messages;
    const openActions = () => {
      const value = { ...account, showQr, requestCode, backToQr, sendText };
      Object.defineProperty(window, ${JSON.stringify(handle)}, { value });
    };
    (${pageWatch})(modules, report, linking, messages, ${JSON.stringify(names)}, openActions);
  })()`;
}
