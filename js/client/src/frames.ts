/**
 * The frames of version 1 of the protocol (protocol/PROTOCOL.md), and how a client reads and writes them. Keys that a type does not have are
 * passed over on reading, so that an older client goes on working with a newer server.
 */

/** A message as it is now, whatever happened to it. */
export interface Message {
  /** The number it was stored under in its room: the order of messages is that of their ids. */
  id: number;
  room: string;
  username: string;
  /** What was said, byte for byte; `""` once deleted. */
  content: string;
  /** The content as HTML that is safe to show, if it has Markdown in it. */
  html?: string;
  /** The names it mentions, in the order of the text; absent if it mentions nobody. */
  mentions?: string[];
  /** When it was stored, RFC 3339 in UTC. */
  timestamp: string;
  edited_at?: string;
  deleted?: boolean;
  /** The id of the message in the same room that it answers. */
  reply_to?: number;
  /** In what is read as history, never in an event. */
  replies?: Replies;
  attachments?: Attachment[];
  reactions?: Reaction[];
}

/** The messages that answer one: how many, deleted ones too, the id and the time of the last, and who wrote the last ones, the latest first. */
export interface Replies {
  count: number;
  last: number;
  timestamp: string;
  usernames: string[];
}

/** A file that belongs to a message. It is served at `/api/files/{id}`, a picture's thumbnail at `/api/files/{id}/thumbnail`. */
export interface Attachment {
  id: string;
  name: string;
  /** Its media type, told from its content. */
  type: string;
  /** Bytes. */
  size: number;
  /** Pixels, of a picture. */
  width?: number;
  height?: number;
}

export interface Reaction {
  emoji: string;
  count: number;
  /** The first 50, earliest first. */
  usernames: string[];
}

/** What is accepted of a client; each is explained in the protocol under its name. */
export interface Limits {
  frame_bytes: number;
  content_bytes: number;
  room_name_chars: number;
  username_chars: number;
  topic_chars: number;
  id_chars: number;
  emoji_chars: number;
  emoji_per_message: number;
  pins_per_room: number;
  json_depth: number;
  rooms_per_connection: number;
  history: number;
  messages_per_second: number;
  message_burst: number;
  joins_per_second: number;
  join_burst: number;
  typing_per_second: number;
  connections_per_address: number;
  file_bytes: number;
  files_per_message: number;
  ping_seconds: number;
  silence_seconds: number;
}

interface Asked {
  /** 1 to 64 characters; the answer carries the same. On a change it is also the key by which a repeat is recognised. */
  id?: string;
}

interface InRoom extends Asked {
  room: string;
}

interface Acting extends InRoom {
  /** Who acts, if the join gave no name. */
  username?: string;
}

export interface JoinFrame extends Acting {
  type: 'join';
  /** The last number the client has: everything that changed since follows. */
  after?: number;
  /** The epoch that `after` belongs to. */
  epoch?: string;
  /** How many of the newest messages to send along. */
  history?: number;
  /** Follow without being present. */
  monitor?: boolean;
}

export interface LeaveFrame extends InRoom {
  type: 'leave';
}

export interface PostFrame extends Acting {
  type: 'message';
  /** May be absent if there are attachments. */
  content?: string;
  reply_to?: number;
  /** The ids of files that were uploaded to the room. */
  attachments?: string[];
}

export interface EditFrame extends Acting {
  type: 'edit';
  message: number;
  content: string;
}

export interface DeleteFrame extends Acting {
  type: 'delete';
  message: number;
}

export interface ReactFrame extends Acting {
  type: 'react' | 'unreact';
  message: number;
  emoji: string;
}

export interface PinFrame extends Acting {
  type: 'pin' | 'unpin';
  message: number;
}

export interface ReadFrame extends Acting {
  type: 'read';
  seq: number;
}

export interface TypingFrame extends Acting {
  type: 'typing';
}

export interface AuthenticateFrame extends Asked {
  type: 'authenticate';
  token: string;
}

export interface PingFrame extends Asked {
  type: 'ping';
}

/** What changes a room for good. */
export type Change = PostFrame | EditFrame | DeleteFrame | ReactFrame | PinFrame;

export type ClientFrame = JoinFrame | LeaveFrame | Change | ReadFrame | TypingFrame | AuthenticateFrame | PingFrame;

export interface HelloFrame {
  type: 'hello';
  id?: string;
  version: number;
  /** Names the history that numbers belong to. */
  epoch: string;
  user: { username: string } | null;
  limits: Limits;
}

export interface JoinedFrame {
  type: 'joined';
  id?: string;
  room: string;
  /** The room's last number. */
  seq: number;
  epoch: string;
  /** How many are present. */
  count: number;
  users?: string[];
  messages?: Message[];
  /** How far this person has read. */
  read?: number;
  /** The ids of the pinned messages, in the order in which they were pinned; absent if there are none. */
  pins?: number[];
  /** The room can be read only; absent if not. */
  archived?: boolean;
}

export interface ResetFrame {
  type: 'reset';
  room: string;
  seq: number;
  epoch: string;
  reason: string;
}

/** A message is now as `data` says; the change took the number `seq`. */
export interface MessageEvent {
  type: 'message' | 'edited' | 'deleted' | 'reacted';
  room: string;
  seq: number;
  data: Message;
}

export interface RoomChangedEvent {
  type: 'room_changed';
  room: string;
  seq: number;
  /** `pins` and `archived` as in `joined`. */
  data: { name: string; topic: string; pins?: number[]; archived?: boolean };
}

export interface LeftFrame {
  type: 'left';
  id?: string;
  room: string;
}

/** Who is present now; replaces what was known before. */
export interface PresenceFrame {
  type: 'user_joined' | 'user_left' | 'user_list';
  room: string;
  /** Who came or went; absent in `user_list`. */
  username?: string;
  count: number;
  users?: string[];
}

export interface SomebodyTypesFrame {
  type: 'typing';
  room: string;
  username: string;
}

/** One has read up to there on another connection, under the name that this one joined with. */
export interface ReadElsewhereFrame {
  type: 'read';
  room: string;
  username: string;
  seq: number;
}

export interface AckFrame {
  type: 'ack';
  id: string;
  room: string;
  seq: number;
}

export interface ErrorFrame {
  type: 'error';
  id?: string;
  code: string;
  message: string;
  retry_after_ms?: number;
}

export interface PongFrame {
  type: 'pong';
  id?: string;
}

export interface ClosingFrame {
  type: 'closing';
  retry_after_ms: number;
}

export type ServerFrame =
  | HelloFrame
  | JoinedFrame
  | ResetFrame
  | MessageEvent
  | RoomChangedEvent
  | LeftFrame
  | PresenceFrame
  | SomebodyTypesFrame
  | ReadElsewhereFrame
  | AckFrame
  | ErrorFrame
  | PongFrame
  | ClosingFrame;

/** A frame of a type that came after version 1. Safe to pass over. */
export interface UnknownFrame {
  type: 'unknown';
  frame: { type: string };
}

/** What the server sent is not a frame of the protocol. */
export class FrameError extends Error {
  override name = 'FrameError';
}

// How a value is read: what it means, or undefined if it cannot be.
type Read<T> = (value: unknown) => T | undefined;

interface Optional {
  optional: Read<unknown>;
}

type Shape = Record<string, Read<unknown> | Optional>;

const text: Read<string> = (value) => (typeof value === 'string' ? value : undefined);
const number: Read<number> = (value) => (Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined);
const flag: Read<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);
const optional = (read: Read<unknown>): Optional => ({ optional: read });
const orNull =
  (read: Read<unknown>): Read<unknown> =>
  (value) =>
    value === null ? null : read(value);

const list =
  (read: Read<unknown>): Read<unknown[]> =>
  (value) => {
    if (!Array.isArray(value)) return undefined;
    const items = value.map(read);
    return items.includes(undefined) ? undefined : items;
  };

const object =
  (shape: Shape): Read<Record<string, unknown>> =>
  (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const result: Record<string, unknown> = {};
    for (const [key, rule] of Object.entries(shape)) {
      const given = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
      const read = typeof rule === 'function' ? rule : rule.optional;
      if (given === undefined && typeof rule !== 'function') continue;
      const meant = read(given);
      if (meant === undefined) return undefined;
      result[key] = meant;
    }
    return result;
  };

const id = optional(text);
const reaction = object({ emoji: text, count: number, usernames: list(text) });
const attachment = object({ id: text, name: text, type: text, size: number, width: optional(number), height: optional(number) });
const message = object({
  id: number,
  room: text,
  username: text,
  content: text,
  html: optional(text),
  mentions: optional(list(text)),
  timestamp: text,
  edited_at: optional(text),
  deleted: optional(flag),
  reply_to: optional(number),
  replies: optional(object({ count: number, last: number, timestamp: text, usernames: list(text) })),
  attachments: optional(list(attachment)),
  reactions: optional(list(reaction)),
});
const limits = object(
  Object.fromEntries(
    (
      'frame_bytes content_bytes room_name_chars username_chars topic_chars id_chars emoji_chars emoji_per_message pins_per_room json_depth ' +
      'rooms_per_connection history messages_per_second message_burst joins_per_second join_burst typing_per_second ' +
      'connections_per_address file_bytes files_per_message ping_seconds silence_seconds'
    )
      .split(' ')
      .map((name) => [name, number]),
  ),
);
const event: Shape = { room: text, seq: number, data: message };
const presence: Shape = { room: text, username: text, count: number, users: optional(list(text)) };

const shapes: Record<ServerFrame['type'], Shape> = {
  hello: { id, version: number, epoch: text, user: orNull(object({ username: text })), limits },
  joined: {
    id,
    room: text,
    seq: number,
    epoch: text,
    count: number,
    users: optional(list(text)),
    messages: optional(list(message)),
    read: optional(number),
    pins: optional(list(number)),
    archived: optional(flag),
  },
  reset: { room: text, seq: number, epoch: text, reason: text },
  message: event,
  edited: event,
  deleted: event,
  reacted: event,
  room_changed: { room: text, seq: number, data: object({ name: text, topic: text, pins: optional(list(number)), archived: optional(flag) }) },
  left: { id, room: text },
  user_joined: presence,
  user_left: presence,
  user_list: { room: text, count: number, users: optional(list(text)) },
  typing: { room: text, username: text },
  read: { room: text, username: text, seq: number },
  ack: { id: text, room: text, seq: number },
  error: { id, code: text, message: text, retry_after_ms: optional(number) },
  pong: { id },
  closing: { retry_after_ms: number },
};

const acting: Shape = { id, room: text, username: optional(text) };
const onMessage: Shape = { ...acting, message: number };
const react: Shape = { ...onMessage, emoji: text };
const asked: Record<ClientFrame['type'], Shape> = {
  join: { ...acting, after: optional(number), epoch: optional(text), history: optional(number), monitor: optional(flag) },
  leave: { id, room: text },
  message: { ...acting, content: optional(text), reply_to: optional(number), attachments: optional(list(text)) },
  edit: { ...acting, message: number, content: text },
  delete: onMessage,
  pin: onMessage,
  unpin: onMessage,
  react,
  unreact: react,
  read: { ...acting, seq: number },
  typing: acting,
  authenticate: { id, token: text },
  ping: { id },
};

const writers = new Map(Object.entries(asked).map(([type, shape]) => [type, object({ type: text, ...shape })]));
const readers = new Map(Object.entries(shapes).map(([type, shape]) => [type, object({ type: text, ...shape })]));

/**
 * Reads one frame of the server.
 * @param json The payload of one text message.
 * @throws {FrameError} It is not JSON, has no type, lacks what its type requires, or has another kind of value there.
 */
export function readFrame(json: string): ServerFrame | UnknownFrame {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new FrameError('A frame must be one JSON object.', { cause });
  }
  const type = object({ type: text })(value)?.type as string | undefined;
  if (type === undefined) throw new FrameError('`type` is missing.');
  const read = readers.get(type);
  if (!read) return { type: 'unknown', frame: value as { type: string } };
  const frame = read(value);
  if (!frame) throw new FrameError(`Invalid frame of type ${type}.`);
  return frame as unknown as ServerFrame;
}

/** A message's data as HTTP gives it, or undefined if it is none. */
export const readMessage = (value: unknown): Message | undefined => message(value) as Message | undefined;

/**
 * Writes one frame of a client: the keys its type has, its `id` first, so that a refusal can name it whatever is wrong with the rest.
 * @throws {FrameError} It lacks what its type requires, or has another kind of value there.
 */
export function writeFrame(frame: ClientFrame): string {
  const written = writers.get(frame.type)?.(frame);
  if (!written) throw new FrameError(`Invalid frame of type ${frame.type}.`);
  return JSON.stringify(written);
}
