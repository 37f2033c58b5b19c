import { batch, computed, signal } from '@preact/signals';
import { ConfabClient, type Event, type KeyedChange, type Limits, RefusedError, type State } from 'confab-client';
import { ApiError, api, type RoomSummary, sendJson } from './api';
import { cachedRooms, dropFailed, failedMessages, forgetRoom, keepFailed, outboxStore } from './cache';
import { notify } from './notify';
import { Room } from './room';
import { go, roomUrl, route } from './route';
import { change as changeSettings, settings } from './settings';

/** A message of one's own that is not in the log yet. */
export interface Outgoing {
  id: string;
  room: string;
  content: string;
  replyTo: number | undefined;
  attachments: string[];
  at: number;
  /** The number it was stored under, between its acknowledgement and its event. */
  seq?: number;
  /** Why it was refused. */
  failed?: string;
}

const history = 50;
const catchUp = 300;
const maxRooms = 120;
const refreshMs = 60_000;

export const rooms = signal<Room[]>([]);
export const connection = signal<{ state: State; retryAt: number | undefined }>({ state: 'new', retryAt: undefined });
export const outgoing = signal<Outgoing[]>([]);
/** Words that replace a message's and were not acknowledged yet, by `room/id`. */
export const editing = signal<ReadonlyMap<string, string>>(new Map());
/** Something that could not be done: a key of the catalogue, or the server's sentence. */
export const problem = signal<string | undefined>(undefined);

export const isOnline = computed(() => connection.value.state === 'open');
export const current = computed(() => {
  const { value } = route;
  return value.view === 'room' ? rooms.value.find(({ name }) => name === value.room) : undefined;
});
/** Changes that wait for a connection. */
export const waiting = signal(0);

const client = new ConfabClient(new URL('/chat', location.href.replace(/^http/, 'ws')), { store: outboxStore });

export const roomNamed = (name: string): Room | undefined => rooms.peek().find((room) => room.name === name);

/** Shows what is kept, then connects. */
export const start = async (): Promise<void> => {
  const [kept, unsent, failed] = await Promise.all([cachedRooms(), outboxStore.load().catch(() => []), failedMessages()]);
  batch(() => {
    rooms.value = kept.map(Room.fromCache).sort(byName);
    outgoing.value = [
      ...failed.map(({ code, ...message }) => ({ ...message, failed: code })),
      ...unsent.flatMap((change) => (change.type === 'message' ? [fromChange(change)] : [])),
    ];
    waiting.value = unsent.length;
  });
  client.username = settings.peek().name;
  client.subscribe((event) => batch(() => handle(event)));
  // The room that is looked at comes first.
  const { value } = route;
  if (value.view === 'room') follow(value.room);
  for (const room of rooms.peek()) follow(room.name);
  client.connect();
  void refresh();
  // Nothing tells of a room that somebody else made.
  const look = () => {
    if (!document.hidden && isOnline.peek()) void refresh();
  };
  document.addEventListener('visibilitychange', look);
  setInterval(look, refreshMs);
};

/** Asks for the rooms there are. */
export const refresh = async (): Promise<void> => {
  const summaries = await api<RoomSummary[]>('/api/rooms').catch(() => undefined);
  if (!summaries) return;
  batch(() => {
    for (const summary of summaries) {
      follow(summary.name);
      roomNamed(summary.name)?.describe(summary);
    }
  });
};

export const createRoom = async (name: string, topic: string): Promise<void> => {
  const created = await sendJson<RoomSummary>('/api/rooms', 'POST', { name, topic });
  follow(created.name);
  roomNamed(created.name)?.describe(created);
  go(roomUrl(created.name));
};

export const changeTopic = (room: string, topic: string): Promise<RoomSummary> =>
  sendJson<RoomSummary>(`/api/rooms/${encodeURIComponent(room)}`, 'PATCH', { topic, username: settings.peek().name });

/** Another name, in every room. Not while something waits that the old name said. */
export const rename = async (name: string): Promise<void> => {
  if (client.pending.length > 0) throw new ApiError(0, 'unsent', '');
  const before = settings.peek().name;
  client.username = name;
  try {
    const first = rooms.peek()[0];
    if (first && isOnline.peek()) await client.join(first.name, { catchUp });
    changeSettings({ name });
    for (const room of rooms.peek().slice(1)) follow(room.name, true);
  } catch (error) {
    client.username = before;
    throw error;
  }
};

export const send = (room: string, content: string, replyTo?: number, attachments: string[] = []): void => {
  const id = crypto.getRandomValues(new Uint32Array(4)).join('-');
  outgoing.value = [...outgoing.peek(), { id, room, content, replyTo, attachments, at: Date.now() }];
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
  client.withdraw(id);
  void dropFailed(id);
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
  if (seq !== undefined) client.markRead(room.name, seq);
};

export const type = (room: string): void => client.typing(room);

/** What the server takes; undefined before it said so. */
export const limits = (): Limits | undefined => client.hello?.limits;

export const retryNow = (): void => client.retry();

const make = (change: Parameters<ConfabClient['change']>[0]): void => {
  // What becomes of it comes as an event.
  client.change(change).catch(() => {});
  waiting.value = client.pending.length;
};

const follow = (name: string, again = false): void => {
  let room = roomNamed(name);
  const isKnown = room?.isFollowed;
  if (isKnown && !again) return;
  if (rooms.peek().filter(({ isFollowed }) => isFollowed).length >= maxRooms) return;
  if (!room) {
    room = new Room(name);
    rooms.value = [...rooms.peek(), room].sort(byName);
  }
  room.isFollowed = true;
  const isLookedAt = route.peek().view === 'room' && current.peek() === room;
  client
    .join(name, { catchUp, after: again ? undefined : room.seq, epoch: room.epoch, history: isLookedAt ? history : 0 })
    .catch((error: unknown) => {
      if (error instanceof RefusedError) forget(name);
    });
};

const forget = (name: string): void => {
  rooms.value = rooms.peek().filter((room) => room.name !== name);
  void forgetRoom(name);
};

const handle = (event: Event): void => {
  switch (event.type) {
    case 'state':
      connection.value = { state: event.state, retryAt: event.retryAt };
      if (event.state === 'open') void refresh();
      break;
    case 'joined': {
      const room = roomNamed(event.room);
      room?.joined(event);
      if (room && event.read === undefined) client.markRead(room.name, room.read.peek());
      if (room && room === current.peek() && !room.timeline.isBegun.peek()) void room.open().catch(() => {});
      break;
    }
    case 'reset':
      roomNamed(event.room)?.reset();
      break;
    case 'message':
    case 'edited':
    case 'deleted':
    case 'reacted': {
      const room = roomNamed(event.room);
      room?.apply(event);
      if (room?.isWatched) markRead(room);
      if (outgoing.peek().some(({ seq }) => seq !== undefined))
        outgoing.value = outgoing.peek().filter((message) => message.room !== event.room || (message.seq ?? Infinity) > event.seq);
      if (room && event.type === 'message') notify(room, event.data);
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
    case 'acked':
      settle(event.change);
      stored(event.change, event.seq);
      break;
    case 'refused':
      settle(event.change);
      refused(event.change, event.refusal);
      break;
    case 'lost':
      forget(event.room);
      break;
  }
};

const settle = (change: KeyedChange): void => {
  waiting.value = client.pending.length;
  if (change.type !== 'edit') return;
  const key = `${change.room}/${change.message}`;
  if (editing.peek().get(key) !== change.content) return;
  const rest = new Map(editing.peek());
  rest.delete(key);
  editing.value = rest;
};

const stored = (change: KeyedChange, seq: number): void => {
  if (change.type !== 'message') return;
  const isShown = (roomNamed(change.room)?.seq ?? 0) >= seq;
  outgoing.value = outgoing.peek().flatMap((message) => (message.id !== change.id ? [message] : isShown ? [] : [{ ...message, seq }]));
};

const refused = (change: KeyedChange, refusal: RefusedError): void => {
  if (change.type !== 'message') {
    problem.value = refusal.message;
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
  content: change.content ?? '',
  replyTo: change.reply_to,
  attachments: change.attachments ?? [],
  at: Date.now(),
});

const byName = (a: Room, b: Room): number => a.name.localeCompare(b.name);
