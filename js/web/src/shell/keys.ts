import { focusMessage, type List, listOf, pressInList } from '../message/keys';
import { active } from '../message/state';
import { current, markRead } from '../state/chat';
import { dialog, topDialog } from '../state/dialog';
import { cycle, focusComposer, isAt } from '../state/focus';
import { readRooms, unreadRooms } from '../state/rooms';
import { go, openThread, roomUrl, route } from '../state/route';
import { closeThread } from '../thread/close';

/** Whether keys brought the focus to where it is: there letters are commands. Where a pointer did, one begins to write. */
let isByKey = true;

const composedKey = 229;

const step = (by: number, isUnread: boolean): void => {
  const shown = [...unreadRooms.peek(), ...readRooms.peek()];
  const here = current.peek();
  const at = here ? shown.indexOf(here) : -1;
  for (let tried = 1; tried <= shown.length; tried++) {
    const room = shown[(at + by * tried + shown.length * 2) % shown.length];
    if (room && room !== here && (!isUnread || room.badge.peek() > 0)) {
      go(roomUrl(room.name));
      return;
    }
  }
};

/** The key; where a layout has other letters than the commands are named by, that of its place on the keyboard. */
const letterOf = ({ key, code }: KeyboardEvent): string => (/^\P{ASCII}$/u.test(key) && /^Key[A-Z]$/.test(code) ? code.slice(3).toLowerCase() : key);

/** The keys of the whole page. @returns Whether the key was one of them. */
const press = (event: KeyboardEvent): boolean => {
  const { altKey: alt, shiftKey: shift } = event;
  const key = letterOf(event);
  const ctrl = event.ctrlKey || event.metaKey;
  const list = listOf(isAt('thread') ? 'thread' : isAt('content') ? 'content' : undefined);
  if (ctrl && !alt && key.toLowerCase() === 'k') dialog.value = 'jump';
  else if (ctrl && (key === '/' || (key === '.' && event.code === 'Slash'))) dialog.value = 'keys';
  else if (key === 'F6') {
    isByKey = true;
    cycle(shift ? -1 : 1);
  } else if (alt && !ctrl && (key === 'ArrowUp' || key === 'ArrowDown')) step(key === 'ArrowUp' ? -1 : 1, shift);
  // What plays or scrolls has its own arrows.
  else if (ctrl || alt || document.activeElement?.matches('input, textarea, select, video, audio, pre') || topDialog()) return leave(event);
  // The key itself goes where the focus is by then.
  else if (!isByKey && isWritten(key) && current.peek()) {
    focusComposer(isAt('pane') ? openThread.peek() : undefined);
    return false;
  } else if (list) return inList(key, list) || leave(event);
  else return leave(event);
  return true;
};

/** Whether a key is one sign; a space scrolls. */
const isWritten = (key: string): boolean => key !== ' ' && [...key].length === 1;

const inList = (key: string, list: List): boolean => {
  if (key === 'Home' || key === 'End') {
    void toEnd(key, list);
    return true;
  }
  const done = pressInList(key, list);
  if (done === 'below') focusComposer(list.thread);
  else if (done && /^(Arrow|[jk]$)/.test(key)) isByKey = true;
  return done !== false;
};

const toEnd = async (key: 'Home' | 'End', list: List): Promise<void> => {
  const focus = () => {
    if (focusMessage(list, list.messages().at(key === 'Home' ? 0 : -1))) isByKey = true;
  };
  if (list.thread !== undefined) return focus();
  const { timeline } = list.room;
  await (key === 'Home' ? timeline.around(1) : timeline.latest());
  requestAnimationFrame(focus);
};

const leave = ({ key }: KeyboardEvent): boolean => {
  const room = current.peek();
  if (key !== 'Escape' || !room || topDialog()) return false;
  if (isAt('pane')) {
    closeThread();
    return true;
  }
  room.line.value = undefined;
  active.value = undefined;
  markRead(room);
  focusComposer();
  return true;
};

export const listen = (): void => {
  addEventListener(
    'keydown',
    (event) => {
      // While words are composed, every key belongs to the input method; also the Enter that ends it, which Safari tells of afterwards.
      if (event.isComposing || event.keyCode === composedKey) event.stopImmediatePropagation();
      else if (event.key === 'Tab' || (event.key === 'Enter' && document.activeElement?.matches('a, button'))) isByKey = true;
    },
    true,
  );
  addEventListener('pointerdown', () => (isByKey = false), true);
  addEventListener('keydown', (event) => {
    if (!event.defaultPrevented && route.peek() && press(event)) event.preventDefault();
  });
};
