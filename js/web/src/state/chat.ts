import { batch, signal } from '@preact/signals';
import type { Change, Event, KeyedChange, Message, RefusedError } from 'confab-client';
import { type RoomSummary, roomPath, sendJson } from './api';
import { base } from './base';
import { cachedRooms, dropFailed, failedMessages, keepFailed, outboxStore } from './cache';
import { client, connection, isOnline } from './client';
import { newId } from './ids';
import { dismiss, notify } from './notify';
import { problem } from './problem';
import { Room } from './room';
import { all, connected, current, followAll, joinAs, know, list, lost, refresh, roomNamed, watch, welcomed } from './rooms';
import { go, roomUrl } from './route';
import { change as changeSettings, settings } from './settings';
import { onTold, tellWindows } from './windows';

export { isOnline, limits, standing } from './client';
export { problem, tell, whyNotMade } from './problem';
export { all, archive, archived, current, missing, rooms } from './rooms';

/** A message of one's own that is not in the log yet. */
export interface Outgoing {
  id: string;
  room: string;
  /** The name it is sent under, which may not be one's present name any more. */
  username: string;
  content: string;
  replyTo: number | undefined;
  attachments: string[];
  at: number;
  /** The number it was stored under, between its acknowledgement and its event. */
  seq?: number;
  /** Why it was refused. */
  failed?: string;
}

const refreshMs = 60_000;
let isStoreBroken = false;

export const outgoing = signal<Outgoing[]>([]);
/** Words that replace a message's and were not acknowledged yet, by `room/id`. */
export const editing = signal<ReadonlyMap<string, string>>(new Map());
/** Messages that wait for a connection. */
export const waiting = signal(0);
/** The newest message of others in the room that one looks at: what came, not what was loaded. */
export const news = signal<Message | undefined>(undefined);

/** Shows what is kept, then connects. */
export const start = async (): Promise<void> => {
  const [kept, unsent, failed] = await Promise.all([cachedRooms(), outboxStore.load().catch(() => []), failedMessages()]);
  batch(() => {
    list(kept.map(Room.fromCache));
    outgoing.value = [
      ...failed.map(({ code, username = settings.peek().name, ...message }) => ({ ...message, username, failed: code })),
      ...unsent.flatMap((change) => (change.type === 'message' ? [fromChange(change)] : [])),
    ];
    editing.value = new Map(unsent.flatMap((change) => (change.type === 'edit' ? [[`${change.room}/${change.message}`, change.content]] : [])));
    waiting.value = count(unsent);
  });
  onTold((told) => {
    if (told.type === 'discarded') forget(told.id);
    else if (told.type === 'read') roomNamed(told.room)?.readElsewhere(told.seq);
  });
  client.username = settings.peek().name;
  client.subscribe((event) => batch(() => handle(event)));
  followAll();
  watch();
  client.connect();
  void refresh();
  // Nothing tells of a room that somebody else made.
  const look = () => {
    if (!document.hidden && isOnline.peek()) void refresh();
  };
  document.addEventListener('visibilitychange', look);
  setInterval(look, refreshMs);
};

export const createRoom = async (name: string, topic: string): Promise<void> => {
  const created = await sendJson<RoomSummary>(`${base}/api/rooms`, 'POST', { name, topic });
  know(created.name).describe(created);
  go(roomUrl(created.name));
};

export const changeTopic = (room: string, topic: string): Promise<RoomSummary> =>
  sendJson<RoomSummary>(roomPath(room), 'PATCH', { topic, username: settings.peek().name });

/** Another name, in every room. What waits to be sent stays the old one's. */
export const rename = async (name: string): Promise<void> => {
  await joinAs(name);
  changeSettings({ name });
};

export const send = (room: string, content: string, replyTo?: number, attachments: string[] = []): void => {
  const id = newId();
  outgoing.value = [...outgoing.peek(), { id, room, username: settings.peek().name, content, replyTo, attachments, at: Date.now() }];
  const target = roomNamed(room);
  if (target) target.line.value = undefined;
  make({ type: 'message', id, room, content, reply_to: replyTo, attachments: attachments.length > 0 ? attachments : undefined });
};

/** Tries a refused message again, in other words if need be. */
export const resend = ({ id, room, content, replyTo, attachments }: Outgoing): void => {
  discard(id);
  send(room, content, replyTo, attachments);
};

export const discard = (id: string): void => {
  void dropFailed(id);
  tellWindows({ type: 'discarded', id });
  forget(id);
};

const forget = (id: string): void => {
  outgoing.value = outgoing.peek().filter((message) => message.id !== id);
};

export const edit = (room: string, message: number, content: string): void => {
  editing.value = new Map(editing.peek()).set(`${room}/${message}`, content);
  make({ type: 'edit', room, message, content });
};

export const remove = (room: string, message: number): void => make({ type: 'delete', room, message });

export const react = (room: string, message: number, emoji: string, isOn: boolean): void =>
  make({ type: isOn ? 'react' : 'unreact', room, message, emoji });

export const pin = (room: string, message: number, isOn: boolean): void => make({ type: isOn ? 'pin' : 'unpin', room, message });

export const markRead = (room: Room): void => {
  const seq = room.markRead();
  if (seq === undefined) return;
  client.markRead(room.name, seq);
  dismiss(room);
  tellWindows({ type: 'read', room: room.name, seq });
};

export const type = (room: string): void => client.typing(room);

export const retryNow = (): void => client.retry();

const make = (change: Change): void => {
  // What becomes of it comes as an event.
  client.change(change).catch(() => {});
  waiting.value = count(client.pending);
};

const handle = (event: Event): void => {
  switch (event.type) {
    case 'state':
      connection.value = { state: event.state };
      if (event.state === 'open') {
        connected();
        void refresh();
      } else for (const room of all.peek()) room.lost();
      break;
    case 'joined': {
      const room = roomNamed(event.room);
      if (!room) break;
      room.joined(event);
      dismiss(room);
      // What was acknowledged on the way may be part of the history that came: then no event follows.
      dropShown(room.name, room.seq ?? 0);
      // Also what was read while there was no connection, before the page was loaded anew.
      if (event.read === undefined || event.read < room.read.peek()) client.markRead(room.name, room.read.peek());
      if (room === current.peek() && !room.timeline.isBegun.peek()) void room.open().catch(() => {});
      welcomed();
      break;
    }
    case 'reset':
      roomNamed(event.room)?.reset(event.epoch);
      break;
    case 'message':
    case 'edited':
    case 'deleted':
    case 'reacted': {
      const room = roomNamed(event.room);
      if (!room) break;
      const isLive = room.isLive.peek();
      room.lookAgain?.();
      room.apply(event);
      if (room.isWatched) markRead(room);
      dropShown(room.name, event.seq);
      if (event.type !== 'message' || event.data.deleted || event.data.username === settings.peek().name) break;
      if (room === current.peek()) news.value = event.data;
      // What was missed is counted, but makes no noise any more.
      if (isLive) notify(room, event.data);
      break;
    }
    case 'room_changed':
      roomNamed(event.room)?.changed(event);
      break;
    case 'user_joined':
    case 'user_left':
    case 'user_list':
      roomNamed(event.room)?.present(event);
      break;
    case 'typing':
      roomNamed(event.room)?.types(event.username);
      break;
    case 'read': {
      const room = roomNamed(event.room);
      room?.readElsewhere(event.seq);
      if (room) dismiss(room);
      break;
    }
    case 'acked':
      settle(event.change);
      stored(event.change, event.seq);
      break;
    case 'refused':
      settle(event.change);
      refused(event.change, event.refusal);
      break;
    case 'lost':
      lost(event.room, event.refusal);
      break;
    case 'store_failed':
      if (!isStoreBroken) problem.value = { key: 'problem.store' };
      isStoreBroken = true;
      break;
  }
};

const dropShown = (name: string, seq: number): void => {
  const rest = outgoing.peek().filter((message) => message.room !== name || (message.seq ?? Number.POSITIVE_INFINITY) > seq);
  if (rest.length < outgoing.peek().length) drop(name, rest);
};

// What takes its place is drawn with the same frame: it would blink in a busy room.
const drop = (name: string, rest: Outgoing[]): void => {
  roomNamed(name)?.timeline.drawNow();
  outgoing.value = rest;
};

const settle = (change: KeyedChange): void => {
  waiting.value = count(client.pending);
  if (change.type !== 'edit') return;
  const key = `${change.room}/${change.message}`;
  if (editing.peek().get(key) !== change.content) return;
  const rest = new Map(editing.peek());
  rest.delete(key);
  editing.value = rest;
};

const stored = (change: KeyedChange, seq: number): void => {
  if (change.type !== 'message') return;
  if ((roomNamed(change.room)?.seq ?? 0) >= seq)
    drop(
      change.room,
      outgoing.peek().filter(({ id }) => id !== change.id),
    );
  else outgoing.value = outgoing.peek().map((message) => (message.id === change.id ? { ...message, seq } : message));
};

const refused = (change: KeyedChange, refusal: RefusedError): void => {
  // Its words go back to where they were written.
  if (change.type === 'edit') return;
  if (change.type !== 'message') {
    problem.value = { key: 'problem.change' };
    return;
  }
  const { id } = change;
  const message = outgoing.peek().find((other) => other.id === id) ?? fromChange(change);
  void keepFailed({ ...message, code: refusal.code });
  outgoing.value = outgoing.peek().map((other) => (other.id === id ? { ...other, failed: refusal.code } : other));
};

const fromChange = (change: Extract<KeyedChange, { type: 'message' }>): Outgoing => ({
  id: change.id,
  room: change.room,
  username: change.username ?? settings.peek().name,
  content: change.content ?? '',
  replyTo: change.reply_to,
  attachments: change.attachments ?? [],
  at: Date.now(),
});

const count = (changes: KeyedChange[]): number => changes.filter(({ type }) => type === 'message').length;
