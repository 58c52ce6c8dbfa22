import type { AccountData, WidData } from '../whatsapp/page-events.js';

/** The account a client is linked to. */
export class ClientInfo {
  /** The account's id, such as `12025550108@c.us` in `wid._serialized`. */
  readonly wid: WidData;
  /** The name shown in notifications. */
  readonly pushname: string;
  /** What the phone runs, such as `android`. */
  readonly platform: string;

  constructor(data: AccountData) {
    this.wid = data.wid;
    this.pushname = data.pushname;
    this.platform = data.platform;
  }

  /** The older name of `wid`, kept for whatsapp-web.js's users. */
  get me(): WidData {
    return this.wid;
  }
}
