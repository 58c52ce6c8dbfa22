export type { IoredisClient, NodeRedisClient, RedisClient } from './objects/redis/clients.js';
export type { RedisStoreOptions } from './stores/redis-store.js';
export { RedisStore } from './stores/redis-store.js';
