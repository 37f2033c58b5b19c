import type { Message } from 'confab-client';
import { useEffect } from 'preact/hooks';
import type { Room } from '../state/room';
import { deedsOf } from './deeds';
import { active, elementId, elementOf, messageAt, reacting } from './state';

/** A list of messages that has the focus. */
export interface List {
  room: Room;
  /** The thread that it is of, if it is not the room's. */
  thread: number | undefined;
  messages: () => readonly Message[];
}

const lists = new Map<string, List>();

/** Says which messages a list has, as long as it is there. */
export const useList = (spot: 'content' | 'thread', list: List): void => {
  useEffect(() => {
    lists.set(spot, list);
    return () => {
      if (lists.get(spot) === list) lists.delete(spot);
    };
  }, [list.room]);
};

export const listOf = (spot: 'content' | 'thread' | undefined): List | undefined => (spot ? lists.get(spot) : undefined);

export const focusMessage = ({ thread }: List, message: Message | undefined): boolean => {
  const element = message && elementOf(message.id, thread);
  element?.focus();
  element?.scrollIntoView({ block: 'nearest' });
  return !!element;
};

/** The keys that go from message to message, and those that do something with one. @returns Whether the key was one of them, or asked for what is below the last message. */
export const pressInList = (key: string, list: List): boolean | 'below' => {
  const all = list.messages();
  const id = messageAt(document.activeElement)?.dataset.id;
  const at = all.findIndex((message) => `${message.id}` === id);
  const message = all[at];
  switch (key) {
    case 'ArrowUp':
    case 'k':
      return focusMessage(list, message ? all[Math.max(0, at - 1)] : all.at(-1));
    case 'ArrowDown':
    case 'j':
      return focusMessage(list, message ? all[at + 1] : all.at(-1)) || 'below';
    default:
      return message !== undefined && act(key, list, message);
  }
};

const act = (key: string, { room, thread }: List, message: Message): boolean => {
  const id = elementId(message.id, thread);
  if (message.deleted || active.peek() !== id) return false;
  if (key === '+') {
    if (!room.isArchived.peek()) reacting.value = id;
    return !room.isArchived.peek();
  }
  const deed = deedsOf(room, message, thread).find((one) => one.key.toLowerCase() === key);
  deed?.run();
  return deed !== undefined;
};
