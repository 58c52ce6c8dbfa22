import type { Requests } from './counted-s3.js';

/** AWS S3 Standard, us-east-1, in dollars; deletions are free. aws.amazon.com/s3/pricing */
const PUT_OR_LIST = 0.005 / 1000;
const GET = 0.0004 / 1000;
const GB_MONTH = 0.023;

const DAYS = 30;
const SAVES_PER_DAY = (8 * 3600) / 10;
const HOURS = 24;

/** How a month is thought of; `monthlyCost` keeps to it. */
export const ASSUMPTIONS =
  'a month: 30 days, one start and one stop a day, 8 hours a day with changes in every interval ' +
  'of 10 s, the lease renewed every 5 s day and night by one process for all its sessions; ' +
  'us-east-1, S3 Standard';

export function costOf({ get, put, lease, list }: Requests): number {
  return (put + lease + list) * PUT_OR_LIST + get * GET;
}

export interface Measured {
  start: Requests;
  save: Requests;
  /** Puts that keep the lease, in an hour. */
  leasePerHour: number;
  stop: Requests;
  storedBytes: number;
}

/** Of one process with so many sessions, in dollars. */
export function monthlyCost(
  { start, save, leasePerHour, stop, storedBytes }: Measured,
  sessions: number,
) {
  const lease = DAYS * HOURS * leasePerHour * PUT_OR_LIST;
  const saves = sessions * DAYS * SAVES_PER_DAY * costOf(save);
  const starts = sessions * DAYS * (costOf(start) + costOf(stop));
  const storage = (sessions * storedBytes * GB_MONTH) / 1e9;
  return { lease, saves, starts, storage, total: lease + saves + starts + storage };
}
