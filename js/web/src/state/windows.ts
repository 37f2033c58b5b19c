import { base } from './base';

/** What the windows of one browser tell each other. */
export type Told =
  /** A box has nothing in it any more; if so, since that was sent. */
  | { type: 'emptied'; place: string; sent?: { text: string; files: readonly { id: string }[] } }
  /** A message is being edited, by `room/id`; `isAnswer`: this window has been at it before. */
  | { type: 'editing'; key: string; isAnswer: boolean }
  /** It is edited no more. */
  | { type: 'edited'; key: string; isSaved: boolean }
  /** A refused message was sent again, changed, or given up. */
  | { type: 'discarded'; id: string }
  /** A room was read, up to that number. */
  | { type: 'read'; room: string; seq: number };

const channel = new BroadcastChannel(`confab${base}`);

export const tellWindows = (told: Told): void => channel.postMessage(told);

export const onTold = (listen: (told: Told) => void): void => channel.addEventListener('message', ({ data }: MessageEvent<Told>) => listen(data));
