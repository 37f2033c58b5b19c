import type {
  ErrorFrame,
  JoinedFrame,
  MessageEvent as LogMessageEvent,
  PresenceFrame,
  ReadElsewhereFrame,
  ResetFrame,
  RoomChangedEvent,
  SomebodyTypesFrame,
  UnknownFrame,
} from './frames.js';
import type { State } from './link.js';
import type { KeyedChange } from './outbox.js';

/** The server refused something: it was not done. */
export class RefusedError extends Error {
  override name = 'RefusedError';
  constructor(
    /** One of the protocol's codes; take one that you do not know like `internal`. */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The client was closed, or its connection ended for good. */
export class ClosedError extends Error {
  override name = 'ClosedError';
}

/** What happens, in the order in which it did; each event of a room's log comes once. */
export type Event =
  | LogMessageEvent
  | RoomChangedEvent
  | PresenceFrame
  | SomebodyTypesFrame
  | ReadElsewhereFrame
  | JoinedFrame
  | ResetFrame
  | UnknownFrame
  /** A refusal that belongs to nothing that was asked. */
  | ErrorFrame
  /** The connection changed; while waiting, the next attempt is at `retryAt`, in ms since 1970. */
  | { type: 'state'; state: State; retryAt?: number }
  /** A change is on disk, under that number. */
  | { type: 'acked'; change: KeyedChange; seq: number }
  /** A change was refused, and will not be tried again. */
  | { type: 'refused'; change: KeyedChange; refusal: RefusedError }
  /** A room cannot be followed any more. */
  | { type: 'lost'; room: string; refusal: RefusedError }
  /** The store of unsent changes failed; they go on being sent, but would not survive. */
  | { type: 'store_failed'; error: unknown };
