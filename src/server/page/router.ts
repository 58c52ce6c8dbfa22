export type Route = { name: 'sessions' } | { name: 'session'; id: string };

const SESSION = '#/sessions/';

export function currentRoute(): Route {
  const { hash } = window.location;
  if (!hash.startsWith(SESSION)) return { name: 'sessions' };
  try {
    return { name: 'session', id: decodeURIComponent(hash.slice(SESSION.length)) };
  } catch {
    return { name: 'sessions' };
  }
}

export function addressOf(id: string): string {
  return SESSION + encodeURIComponent(id);
}

/** Answers with what ends it. */
export function onRoute(listener: (route: Route) => void): () => void {
  const told = () => listener(currentRoute());
  window.addEventListener('hashchange', told);
  return () => window.removeEventListener('hashchange', told);
}
