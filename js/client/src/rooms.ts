import type { HelloFrame, JoinedFrame, JoinFrame } from './frames.js';
import { storedForm } from './names.js';

/** How to follow a room. */
export interface JoinOptions {
  /** Under which name; else the client's. */
  username?: string;
  /** How many of the newest messages to get along, at first and after a reset; 0 to 200, default 0. */
  history?: number;
  /** Follow without being present: no presence, no typing. */
  monitor?: boolean;
  /** The last number that is known already, with the epoch it belongs to: everything that changed since comes as events. */
  after?: number;
  epoch?: string;
  /**
   * How many numbers may be missing to be caught up one by one after a lost connection; with more, the room is reset instead, and starts
   * with its history. Default: any number.
   */
  catchUp?: number;
}

/** A room that is followed, and how far. */
export interface Followed {
  /** As the server writes it; until it has answered, as it was asked for. */
  name: string;
  options: JoinOptions;
  /** The last number that was handed on, and its epoch; undefined before the first answer. */
  seq: number | undefined;
  epoch: string | undefined;
  /** The name of the last join. */
  joinedAs: string | undefined;
  /** The id of the join that was not answered yet. */
  joining: string | undefined;
  /** Whether what comes is of use. */
  isLive: boolean;
  /** What void history is to be told of with the next answer. */
  reset: { reason: string } | undefined;
  typedAt: number;
  waiting: { resolve: (joined: JoinedFrame) => void; reject: (error: Error) => void }[];
}

/** The rooms that are followed: the one number per room that makes everything else unnecessary to remember. */
export class Rooms {
  private readonly all = new Set<Followed>();
  private joins = 0;

  /** The server has one form of each name, and a caller may know another. */
  find(name: string): Followed | undefined {
    const rooms = [...this.all];
    return rooms.find((room) => room.name === name) ?? rooms.find((room) => storedForm(room.name) === storedForm(name));
  }

  follow(name: string, options: JoinOptions): Followed {
    const { after, epoch, ...rest } = options;
    let room = this.find(name);
    if (!room) {
      room = {
        name,
        options: rest,
        seq: after,
        epoch,
        joinedAs: undefined,
        joining: undefined,
        isLive: false,
        reset: undefined,
        typedAt: Number.NEGATIVE_INFINITY,
        waiting: [],
      };
      this.all.add(room);
    } else {
      room.options = rest;
      if (after !== undefined) {
        room.seq = after;
        room.epoch = epoch;
      }
    }
    return room;
  }

  forget(room: Followed): void {
    this.all.delete(room);
  }

  values(): Followed[] {
    return [...this.all];
  }

  joiningAs(id: string | undefined): Followed | undefined {
    return id === undefined ? undefined : [...this.all].find((room) => room.joining === id);
  }

  /** The frame that joins a room where it is; from scratch, with its history, if there is nothing to go on from. */
  join(room: Followed, hello: HelloFrame, username: string | undefined): JoinFrame {
    room.joining = `join-${++this.joins}`;
    const withHistory = room.seq === undefined || room.epoch !== hello.epoch;
    return {
      type: 'join',
      id: room.joining,
      room: room.name,
      username: room.options.username ?? username,
      monitor: room.options.monitor,
      history: withHistory ? room.options.history : undefined,
      after: room.seq,
      epoch: room.seq === undefined ? undefined : room.epoch,
    };
  }
}
