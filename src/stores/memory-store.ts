import { MemoryObjects } from '../objects/memory-objects.js';

/** Keeps sessions in the memory of this process; they are gone with it. For tests. */
export class MemoryStore extends MemoryObjects {}
