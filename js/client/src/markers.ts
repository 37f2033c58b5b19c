const paceMs = 1_000;

interface Marker {
  /** How far it shall stand, and how far the server was told. */
  wanted: number;
  told: number;
  /** The id of the frame that was not answered yet. */
  asked: string | undefined;
  /** When the next frame may go, in ms since 1970. */
  notBefore: number;
}

/** How far one has read: of each room only the last place counts, so it is told at a pace that leaves the server's patience to messages. */
export class Markers {
  private readonly rooms = new Map<string, Marker>();
  private asks = 0;

  set(room: string, seq: number): void {
    const marker = this.rooms.get(room);
    if (!marker) this.rooms.set(room, { wanted: seq, told: -1, asked: undefined, notBefore: 0 });
    else if (seq > marker.wanted) marker.wanted = seq;
  }

  /** The server has it there already: another client told it. */
  heard(room: string, seq: number): void {
    const marker = this.rooms.get(room);
    if (marker && seq > marker.told) marker.told = seq;
  }

  /** What was told is not true any more: the room has another history, or one has another name. */
  forget(room: string): void {
    this.rooms.delete(room);
  }

  /** What is to be told now; all of it, if there may be no later. */
  take(now: number, isLast: boolean): { id: string; room: string; seq: number }[] {
    const taken: { id: string; room: string; seq: number }[] = [];
    for (const [room, marker] of this.rooms) {
      if (marker.wanted <= marker.told || (!isLast && (marker.asked !== undefined || marker.notBefore > now))) continue;
      marker.asked = `read-${++this.asks}`;
      marker.told = marker.wanted;
      marker.notBefore = now + paceMs;
      taken.push({ id: marker.asked, room, seq: marker.wanted });
    }
    return taken;
  }

  /** When there may be something to tell; undefined if there is nothing. */
  nextAt(): number | undefined {
    const later = [...this.rooms.values()].filter(({ wanted, told, asked }) => wanted > told && asked === undefined);
    return later.length > 0 ? Math.min(...later.map(({ notBefore }) => notBefore)) : undefined;
  }

  /** A new connection: what was not answered is told again. */
  restart(): void {
    for (const marker of this.rooms.values()) {
      if (marker.asked !== undefined) marker.told = -1;
      marker.asked = undefined;
      marker.notBefore = 0;
    }
  }

  /** A frame was answered. @returns Whether it was one of these. */
  answered(id: string | undefined): boolean {
    const marker = this.find(id);
    if (marker) marker.asked = undefined;
    return marker !== undefined;
  }

  /** A frame was refused; with a time, it may be tried again then. @returns Whether it was one of these. */
  refused(id: string | undefined, tryAgainAt: number | undefined): boolean {
    const marker = this.find(id);
    if (!marker) return false;
    marker.asked = undefined;
    if (tryAgainAt === undefined) return true;
    marker.told = -1;
    marker.notBefore = tryAgainAt;
    return true;
  }

  private find(id: string | undefined): Marker | undefined {
    return id === undefined ? undefined : [...this.rooms.values()].find(({ asked }) => asked === id);
  }
}
