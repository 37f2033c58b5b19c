import { computed, signal } from '@preact/signals';
import { ConfabClient, type Limits, type State } from 'confab-client';
import { base } from './base';
import { outboxStore } from './cache';

export const client = new ConfabClient(new URL(`${base}/chat`, location.href.replace(/^http/, 'ws')), { store: outboxStore });

export const connection = signal<{ state: State }>({ state: 'new' });
/** Whether the browser says so; whatever comes from the server says more. */
const hasNetwork = signal(true);
addEventListener('offline', () => (hasNetwork.value = false));
addEventListener('online', () => (hasNetwork.value = true));
client.subscribe((event) => {
  if (event.type !== 'state' || event.state === 'open') hasNetwork.value = true;
});

/** How one stands to the server: without a network there is no connection, though nobody may have noticed yet. */
export const standing = computed((): State => (hasNetwork.value || connection.value.state === 'closed' ? connection.value.state : 'waiting'));
export const isOnline = computed(() => standing.value === 'open');

/** What the server takes; undefined before it said so. */
export const limits = (): Limits | undefined => client.hello?.limits;
