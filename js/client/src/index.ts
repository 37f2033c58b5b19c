export * from './client.js';
export * from './events.js';
export * from './frames.js';
export { storedForm } from './names.js';
export type { KeyedChange, OutboxStore } from './outbox.js';
export type { JoinOptions } from './rooms.js';
