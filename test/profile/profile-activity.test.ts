import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { ProfileActivity } from '../../src/profile/profile-activity.js';
import { StorageBrowser, servePage } from './support/storage-browser.js';
import { temporaryFolder } from './support/temporary-folder.js';

let profile: string;
let browser: StorageBrowser;
let activity: ProfileActivity;
beforeEach(async () => {
  profile = await temporaryFolder();
  browser = await StorageBrowser.start(profile, await servePage());
  activity = await ProfileActivity.watch(profile, browser.livePage());
  onTestFinished(async () => {
    await activity.stop();
    await browser.close();
  });
  // The browser is still writing what a first start brings.
  await vi.waitFor(async () => expect(await activity.mayHaveChanged()).toBe(false), 45_000);
});

const untilChanged = () =>
  vi.waitFor(async () => expect(await activity.mayHaveChanged()).toBe(true), 45_000);

describe('activity in a profile', () => {
  it('is seen once when localStorage changes, long before the disk shows it', async () => {
    await browser.setItems([['key', 'value']]);
    await untilChanged();
    expect(await activity.mayHaveChanged()).toBe(false);
  });

  it('is seen when a database grows', async () => {
    await browser.write(['grown']);
    await untilChanged();
  });

  it('is seen again after a capture that failed', async () => {
    activity.failed();
    expect(await activity.mayHaveChanged()).toBe(true);
    expect(await activity.mayHaveChanged()).toBe(false);
  });

  it('is supposed from time to time, for what is not looked at', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    vi.advanceTimersByTime(60_000);
    expect(await activity.mayHaveChanged()).toBe(true);
    expect(await activity.mayHaveChanged()).toBe(false);
  });
});
