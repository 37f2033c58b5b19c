import { focusComposer } from '../composer/Composer';
import { active } from '../message/MessageItem';
import { current, markRead, rooms } from '../state/chat';
import type { Room } from '../state/room';
import { go, openThread, roomOf, roomUrl, route } from '../state/route';
import { closeThread } from '../thread/close';
import { dialog } from './Sidebar';

/** Whether keys brought the focus to where it is: there letters are commands. Where a pointer did, one begins to write. */
let isByKey = true;

const composedKey = 229;

const messages = (list: Element | null = document.querySelector('.feed')): HTMLElement[] => [
  ...(list?.querySelectorAll<HTMLElement>('.message[data-id]') ?? []),
];

const focusMessage = (message: HTMLElement | undefined): boolean => {
  if (!message) return false;
  isByKey = true;
  message.focus();
  message.scrollIntoView({ block: 'nearest' });
  return true;
};

const act = (name: string): boolean => {
  const button = document.querySelector<HTMLElement>(`#${active.peek()} [data-action=${name}]`);
  button?.click();
  return button !== null;
};

const step = (by: number, isUnread: boolean): void => {
  // The order of the list: what is unread stands above.
  const list = [...document.querySelectorAll<HTMLAnchorElement>('.room-link')].map(({ pathname }) => roomOf(pathname));
  const shown = list.map((name) => rooms.peek().find((room) => room.name === name)).filter((room): room is Room => room !== undefined);
  const here = current.peek();
  const at = here ? shown.indexOf(here) : -1;
  for (let tried = 1; tried <= shown.length; tried++) {
    const room = shown[(at + by * tried + shown.length * 2) % shown.length];
    if (room && room !== current.peek() && (!isUnread || room.badge.peek() > 0)) {
      go(roomUrl(room.name));
      return;
    }
  }
};

const cycle = (by: number): void => {
  const regions = [
    document.querySelector<HTMLElement>('.room-link[aria-current]') ?? document.querySelector<HTMLElement>('.room-link'),
    document.querySelector<HTMLElement>('.feed') ?? document.querySelector<HTMLElement>('.page-body a, .page-body input'),
    document.querySelector<HTMLElement>('#composer'),
    document.querySelector<HTMLElement>('.thread-feed'),
    document.querySelector<HTMLElement>('#thread-composer'),
  ].filter((region): region is HTMLElement => region?.checkVisibility() === true);
  const owner = document.activeElement?.closest('.side, .feed, .dock, .page-body, .thread-feed');
  isByKey = true;
  const at = regions.findIndex((region) => region === owner || owner?.contains(region) === true);
  regions[(at + by + regions.length) % regions.length]?.focus();
};

/** The key; where a layout has other letters than the commands are named by, that of its place on the keyboard. */
const letterOf = ({ key, code }: KeyboardEvent): string => (/^\P{ASCII}$/u.test(key) && /^Key[A-Z]$/.test(code) ? code.slice(3).toLowerCase() : key);

/** The keys of the whole page. @returns Whether the key was one of them. */
const press = (event: KeyboardEvent): boolean => {
  const { altKey: alt, shiftKey: shift } = event;
  const key = letterOf(event);
  const ctrl = event.ctrlKey || event.metaKey;
  const focused = document.activeElement;
  if (ctrl && !alt && key.toLowerCase() === 'k') dialog.value = 'jump';
  else if (ctrl && (key === '/' || (key === '.' && event.code === 'Slash'))) dialog.value = 'keys';
  else if (key === 'F6') cycle(shift ? -1 : 1);
  else if (alt && !ctrl && (key === 'ArrowUp' || key === 'ArrowDown')) step(key === 'ArrowUp' ? -1 : 1, shift);
  // What plays or scrolls has its own arrows.
  else if (ctrl || alt || focused?.matches('input, textarea, select, video, audio, pre') || document.querySelector('dialog[open]'))
    return leave(event);
  // The key itself goes where the focus is by then.
  else if (!isByKey && isWritten(key) && current.peek()) {
    focusComposer(focused?.closest('.thread') ? openThread.peek() : undefined);
    return false;
  } else if (focused?.closest('.feed, .thread-feed')) return inFeed(event, focused);
  else return leave(event);
  return true;
};

/** Whether a key is one sign; a space scrolls. */
const isWritten = (key: string): boolean => key !== ' ' && [...key].length === 1;

const inFeed = (event: KeyboardEvent, focused: Element): boolean => {
  const thread = focused.closest('.thread-feed');
  const all = messages(thread ?? undefined);
  const message = focused.closest<HTMLElement>('.message[data-id]');
  const at = message ? all.indexOf(message) : -1;
  const room = current.peek();
  switch (letterOf(event)) {
    case 'ArrowUp':
    case 'k':
      return focusMessage(message ? all[Math.max(0, at - 1)] : all.at(-1));
    case 'ArrowDown':
    case 'j':
      if (!focusMessage(message ? all[at + 1] : all.at(-1))) focusComposer(thread ? openThread.peek() : undefined);
      return true;
    case 'r':
      return message !== null && act('reply');
    case 'e':
      return message !== null && act('edit');
    case '+':
      return message !== null && act('react');
    case 't':
      return message !== null && act('thread');
    case 'p':
      return message !== null && act('pin');
    case 'Home':
      if (thread) focusMessage(all[0]);
      else if (room) void room.timeline.around(1).then(() => requestAnimationFrame(() => focusMessage(messages()[0])));
      return true;
    case 'End':
      if (thread) focusMessage(all.at(-1));
      else if (room) void room.timeline.latest().then(() => requestAnimationFrame(() => focusMessage(messages().at(-1))));
      return true;
    default:
      return leave(event);
  }
};

const leave = ({ key }: KeyboardEvent): boolean => {
  const room = current.peek();
  if (key !== 'Escape' || !room || document.querySelector('dialog[open]')) return false;
  if (document.activeElement?.closest('.thread')) {
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
