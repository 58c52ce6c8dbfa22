// As in index.mts: what `import` gives is the CommonJS build's.
export * from './mongo.js';
