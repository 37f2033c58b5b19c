import { computed, signal } from '@preact/signals';
import { ConfabClient, type Limits, type State } from 'confab-client';
import { base } from './base';
import { outboxStore } from './cache';

export const client = new ConfabClient(new URL(`${base}/chat`, location.href.replace(/^http/, 'ws')), { store: outboxStore });

export const connection = signal<{ state: State }>({ state: 'new' });
export const isOnline = computed(() => connection.value.state === 'open');

/** What the server takes; undefined before it said so. */
export const limits = (): Limits | undefined => client.hello?.limits;
