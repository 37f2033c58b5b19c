import { go, roomUrl, route } from '../state/route';
import { focusComposer } from './Composer';

/** Leaves the thread: the focus goes to the message that it is about, or else to the box. */
export const closeThread = (): void => {
  const { value: at } = route;
  if (at.view !== 'room' || at.thread === undefined) return;
  const { thread } = at;
  go(roomUrl(at.room, at.message));
  requestAnimationFrame(() => {
    const message = document.querySelector<HTMLElement>(`#m${thread}`);
    if (message) message.focus();
    else focusComposer();
  });
};
