/** How long to wait before the next attempt to connect (protocol/PROTOCOL.md, "How connections end, and when to come back"). */

const minMs = 250;
const maxMs = 30_000;
const goodMs = 10_000;

/** Close codes after which coming back would only bring the same again (RFC 6455 §7.4.1). */
const final = new Set([1000, 1002, 1003, 1007]);

export class Backoff {
  private width = minMs;
  private policyBreaches = 0;

  /** A connection ended after so many milliseconds. One that was good begins the backoff anew. */
  lasted(ms: number): void {
    if (ms < goodMs) return;
    this.width = minMs;
    this.policyBreaches = 0;
  }

  /**
   * @param code The close code; 1006 if there was none.
   * @param random From 0 to 1: drawn, so that those who were cut off together do not come back together.
   * @returns Milliseconds to wait, or undefined if the end is final.
   */
  after(code: number, random: number): number | undefined {
    if (final.has(code)) return undefined;
    if (code === 1008) return this.policyBreaches++ === 0 ? 60_000 : undefined;
    const wait = this.width * (0.5 + random / 2);
    this.width = Math.min(this.width * 2, maxMs);
    return wait;
  }
}
