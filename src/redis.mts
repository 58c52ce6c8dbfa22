// The classes live in the CommonJS build alone, so that `import` and `require()` in one process
// share them.
export * from './redis.js';
