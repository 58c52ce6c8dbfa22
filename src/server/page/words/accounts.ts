import type { AccountView } from '../../../fleet/session-view.js';

/** `+12025550108` for `12025550108@c.us`. */
export function phoneOf({ id }: AccountView): string {
  return /^\d+@c\.us$/.test(id) ? `+${id.slice(0, -'@c.us'.length)}` : id;
}

/** `Name (+12025550108)`. */
export function nameAccount(account: AccountView): string {
  return account.name ? `${account.name} (${phoneOf(account)})` : phoneOf(account);
}
