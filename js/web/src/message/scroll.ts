/** How a list lies in its window, as the document says it; each is asked for once, since an answer may cost a layout. */
export interface Extent {
  readonly scrollTop: number;
  readonly scrollHeight: number;
  readonly clientHeight: number;
}

/** What follows from where one is in a list. */
export interface Look {
  /** Whether there is more above, or below, than one is about to see. */
  isNearTop: boolean;
  isNearBottom: boolean;
  /** How much is below what one sees, in pixels. */
  below: number;
  /** How much one sees at once. */
  height: number;
}

const nearPx = 1_500;
export const bottomPx = 40;

/**
 * Where one is in a list that grows: at its end, which one is then kept at; held where what was missed begins, while it is still coming; or
 * somewhere else, where what one reads stays in its place. Only who scrolls up leaves the end: what grows is followed.
 */
export class Scroll {
  /** Whether one is where one wants to be: before, nothing follows from where the list stands. */
  isPlaced = false;
  isAtEnd: boolean;
  isHeld = false;
  private lastTop = 0;

  constructor(isAtEnd: boolean) {
    this.isAtEnd = isAtEnd;
  }

  /** One wants to be somewhere else. */
  seek(): void {
    this.isPlaced = false;
    this.isAtEnd = false;
    this.isHeld = false;
  }

  /** One is there. */
  arrive(): void {
    this.isPlaced = true;
  }

  /** Somebody wants to read on from here. */
  leave(): void {
    this.isAtEnd = false;
  }

  /** What was missed begins below what one has read: whoever looks at the end is led there, not along with it. */
  hold(isLookedAt: boolean): void {
    this.isHeld = isLookedAt;
    if (isLookedAt) this.isAtEnd = false;
  }

  /** Whether what one reads stays where it is, whatever comes around it. */
  get keepsPlace(): boolean {
    return !this.isAtEnd && !this.isHeld;
  }

  /** Somebody asks for the end: from here on what grows is followed. */
  toEnd(): void {
    this.isHeld = false;
    this.isAtEnd = true;
  }

  /** The list was put there by the page. */
  moved({ scrollTop }: Extent): void {
    this.lastTop = scrollTop;
  }

  /** The browser tells of scrolling only with its next frame: what comes before that asks here first. @returns Whether somebody has left the end. */
  hasLeft({ scrollTop, scrollHeight, clientHeight }: Extent): boolean {
    return this.isAtEnd && scrollTop < this.lastTop && scrollHeight - scrollTop - clientHeight >= bottomPx;
  }

  /** Something is about to be drawn. */
  draw(extent: Extent): void {
    if (this.hasLeft(extent)) this.leave();
  }

  /** The list was scrolled, or what is in it changed. `isWhole`: its last message is the newest; `isCaughtUp`: nothing that was missed is still coming. */
  look({ scrollTop, scrollHeight, clientHeight }: Extent, isWhole: boolean, isCaughtUp: boolean): Look {
    const below = scrollHeight - scrollTop - clientHeight;
    const isLeaving = scrollTop < this.lastTop;
    this.lastTop = scrollTop;
    if (isLeaving || isCaughtUp) this.isHeld = false;
    this.isAtEnd = isWhole && !this.isHeld && (below < bottomPx || (this.isAtEnd && !isLeaving));
    return { isNearTop: scrollTop < nearPx, isNearBottom: below < nearPx, below, height: clientHeight };
  }
}
