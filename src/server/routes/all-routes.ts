import type { Authenticator } from '../auth/authenticate.js';
import { PageFiles } from '../page-files.js';
import type { Route } from '../route.js';
import type { Services } from '../services.js';
import { authRoutes } from './auth.js';
import { eventRoutes } from './events.js';
import { healthRoutes } from './health.js';
import { linkingRoutes } from './linking.js';
import { linkRoutes } from './links.js';
import { messageRoutes } from './messages.js';
import { metricsRoutes } from './metrics.js';
import { openApiRoute } from './openapi.js';
import { pageRoutes } from './page.js';
import { sessionRoutes } from './sessions.js';
import { snapshotRoutes } from './snapshots.js';
import { webhookRoutes } from './webhooks.js';

export function allRoutes(
  services: Services,
  authenticator: Authenticator,
  pageFolder: string,
): Route[] {
  const files = new PageFiles(pageFolder);
  const routes = [
    ...authRoutes(services, authenticator),
    ...sessionRoutes(services),
    ...linkingRoutes(services),
    ...messageRoutes(services),
    ...snapshotRoutes(services),
    ...linkRoutes(services, files),
    ...eventRoutes(services),
    ...webhookRoutes(services),
    ...metricsRoutes(services),
    ...healthRoutes(services),
    ...pageRoutes(files),
  ];
  return [...routes, openApiRoute(routes)];
}
