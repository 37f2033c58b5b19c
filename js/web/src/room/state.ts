import { signal } from '@preact/signals';

/** Which dialog about the room is open. */
export const panel = signal<'about' | 'topic' | 'people' | 'level' | 'pins' | 'archive' | undefined>(undefined);

/** How often something was sent: each time the end of the room is shown. */
export const sent = signal(0);
