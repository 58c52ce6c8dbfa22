export type { ByteRange, Cell, ListedObject, ObjectStore } from './objects/object-store.js';
