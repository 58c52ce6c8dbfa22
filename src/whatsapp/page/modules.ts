import type { PageModules, PageWindow, SocketModel } from './page-types.js';

/** Access to the page's own modules, which names what is missing. */
export function pageModules(): PageModules {
  const find = <T>(path: string): T | undefined => {
    const [name = '', ...members] = path.split('.');
    let value: unknown;
    try {
      value = (window as PageWindow).require?.(name);
    } catch {
      return undefined;
    }
    for (const member of members) value = (value as Record<string, unknown> | undefined)?.[member];
    return (value ?? undefined) as T | undefined;
  };
  const need = <T>(path: string): T => {
    const value = find<T>(path);
    if (value !== undefined) return value;
    const module = path.split('.', 1)[0] ?? path;
    throw new Error(`PAGE_CHANGED:${find(module) === undefined ? module : path}`);
  };
  const call = <T>(path: string, ...given: unknown[]): T => {
    const dot = path.lastIndexOf('.');
    const owner = need<Record<string, (...given: unknown[]) => T>>(path.slice(0, dot));
    need(path);
    return (owner[path.slice(dot + 1)] as (...given: unknown[]) => T).call(owner, ...given);
  };
  const socket = () => need<SocketModel>('WAWebSocketModel.Socket');
  const version = () => {
    const found = (window as PageWindow).Debug?.VERSION ?? null;
    return found === null ? null : String(found);
  };
  return { find, need, call, socket, version };
}
