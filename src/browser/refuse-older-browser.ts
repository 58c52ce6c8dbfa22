export function executableOf(_: object): string | null {
  return null;
}
export async function readBrowserVersion(_: string): Promise<string | null> {
  return null;
}
export function refuseOlderBrowser(_: string | null, __: string | null): void {}
