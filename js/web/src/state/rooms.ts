import { batch, computed, effect, signal } from '@preact/signals';
import { RefusedError } from 'confab-client';
import { api, type RoomSummary, roomPath, sendJson } from './api';
import { base } from './base';
import { forgetRoom } from './cache';
import { client, isOnline, limits } from './client';
import { problem } from './problem';
import { Room } from './room';
import { go, route, settingsUrl } from './route';
import { settings } from './settings';

const history = 50;
const catchUp = 300;

/** Every room that is known, by name; followed or not, archived or not. */
export const all = signal<Room[]>([]);
/** Those that one can write in: what is listed, counted and jumped to. */
export const rooms = computed(() => all.value.filter(({ isArchived }) => !isArchived.value));
/** As they are listed: what is unread stands above. */
export const unreadRooms = computed(() => rooms.value.filter(({ badge }) => badge.value > 0));
export const readRooms = computed(() => rooms.value.filter(({ badge }) => badge.value === 0));
/** What the title and the icon count. */
export const totals = {
  unread: computed(() => rooms.value.reduce((sum, room) => sum + room.badge.value, 0)),
  mentioned: computed(() => rooms.value.reduce((sum, room) => sum + room.badgeAt.value, 0)),
};
export const current = computed(() => {
  const { value } = route;
  return value.view === 'room' ? all.value.find(({ name }) => name === value.room) : undefined;
});
/** The room that was looked for, and that the server does not have. */
export const missing = signal<string | undefined>(undefined);

/** Those that are followed, at most as many as the server allows; the one that was opened last comes last. */
const followed = new Set<Room>();
/** Whether the server took one's name on this connection. Until then one room is tried: a bad name must not be a flood. */
let isTaken = false;
let refusedName: string | undefined;

export const roomNamed = (name: string): Room | undefined => all.peek().find((room) => room.name === name);

/** The room of that name, which is known from now on. */
export const know = (name: string): Room => {
  const known = roomNamed(name);
  if (known) return known;
  const room = new Room(name);
  list([...all.peek(), room]);
  return room;
};

export const list = (known: Room[]): void => {
  all.value = known.sort((a, b) => a.name.localeCompare(b.name));
};

/** Follows the room that is looked at, and as many others as the server allows. */
export const followAll = (): void => {
  const { value } = current;
  if (value) follow(value);
  for (const room of rooms.peek()) if (followed.size < most()) follow(room);
};

/** Asks for the rooms there are. @returns Whether there was an answer. */
export const refresh = (): Promise<boolean> => {
  refreshing ??= ask().finally(() => {
    refreshing = undefined;
  });
  return refreshing;
};

let refreshing: Promise<boolean> | undefined;

const ask = async (): Promise<boolean> => {
  const summaries = await api<RoomSummary[]>(`${base}/api/rooms`).catch(() => undefined);
  if (!summaries) return false;
  batch(() => {
    for (const summary of summaries) know(summary.name).describe(summary);
    // Of those that are followed the connection tells.
    const listed = new Set(summaries.map(({ name }) => name));
    for (const room of all.peek()) if (!followed.has(room) && !listed.has(room.name)) room.isArchived.value = true;
  });
  followAll();
  return true;
};

/** The connection is there: it may allow fewer rooms than the one before. */
export const connected = (): void => {
  isTaken = false;
  const surplus = followed.size - (limits()?.rooms_per_connection ?? followed.size);
  for (const room of [...followed].filter((room) => room !== current.peek()).slice(0, Math.max(0, surplus))) leave(room);
};

/** The server took a join, and with it the name. */
export const welcomed = (): void => {
  if (isTaken) return;
  isTaken = true;
  followAll();
};

/** A room cannot be followed. */
export const lost = (name: string, { code }: RefusedError): void => {
  const room = roomNamed(name);
  if (room) followed.delete(room);
  if (code === 'bad_request') {
    // It is the name: whoever sees why can give another one.
    refusedName = client.username;
    problem.value = { key: 'name.refused' };
    go(settingsUrl);
  } else if (code === 'not_found') {
    list(all.peek().filter((other) => other !== room));
    void forgetRoom(name);
    followAll();
  }
};

/** Archives a room, or takes it back. */
export const archive = async (room: Room, isOn: boolean): Promise<void> => {
  room.describe(await sendJson<RoomSummary>(roomPath(room.name), 'PATCH', { archived: isOn, username: settings.peek().name }));
};

/** Asks for the rooms that are archived, which are known from then on. */
export const archived = async (): Promise<RoomSummary[]> => {
  const summaries = await api<RoomSummary[]>(`${base}/api/rooms?archived=true`);
  batch(() => {
    for (const summary of summaries) know(summary.name).describe(summary);
  });
  return summaries;
};

/** Joins again everywhere, under another name. @throws {RefusedError} The server does not take it. */
export const joinAs = async (name: string): Promise<void> => {
  const before = client.username;
  client.username = name;
  const [first] = [current.peek(), ...followed, ...rooms.peek()].filter((room) => room !== undefined);
  try {
    if (first && isOnline.peek()) await join(first, followed.has(first));
  } catch (error) {
    client.username = before;
    throw error;
  }
  if (first) followed.add(first);
  for (const room of followed) if (room !== first) void join(room, true).catch(() => {});
};

/** From now on the address decides which room comes first, and the name under which one is there may come from another window. */
export const watch = (): void => {
  effect(() => {
    const { value: at } = route;
    if (current.value) follow(current.value);
    else if (at.view === 'room' && isOnline.value) void seek(at.room);
  });
  effect(() => {
    const { name } = settings.value;
    if (name && name !== client.username) void joinAs(name).catch(() => {});
  });
};

const most = (): number => (isTaken ? (limits()?.rooms_per_connection ?? 1) : 1);

const follow = (room: Room): void => {
  if (client.username === refusedName) return;
  const isKnown = followed.delete(room);
  const [oldest] = followed;
  if (!isKnown && oldest && followed.size >= most()) leave(oldest);
  followed.add(room);
  if (!isKnown)
    join(room, false).catch((error: unknown) => {
      if (error instanceof RefusedError) lost(room.name, error);
    });
};

// Of a room that is followed, the client knows better how far.
const join = (room: Room, isFollowed: boolean): Promise<unknown> =>
  client.join(room.name, {
    catchUp,
    after: isFollowed ? undefined : room.seq,
    epoch: room.epoch,
    history: room === current.peek() ? history : 0,
  });

const leave = (room: Room): void => {
  followed.delete(room);
  room.lost();
  room.users.value = undefined;
  client.leave(room.name);
};

// Nothing tells of a room that somebody made just now, and an answer under way may be older than it is.
const seek = async (name: string): Promise<void> => {
  missing.value = undefined;
  await refreshing;
  if (!(await refresh()) || roomNamed(name)) return;
  // One that is archived is in no list.
  const away = await archived().catch(() => undefined);
  if (away && !roomNamed(name)) missing.value = name;
};
