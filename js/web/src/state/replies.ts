import { type Signal, signal } from '@preact/signals';
import type { Message } from 'confab-client';

/**
 * How many messages answer each one. The server says it of a message that is read, up to the last reply it counted; what came since is known by its
 * id. So a reply counts once, however often and in whatever order it is heard of.
 */
export class Replies {
  private readonly counts = new Map<number, Signal<number>>();
  private readonly told = new Map<number, { count: number; last: number }>();
  private readonly since = new Map<number, Set<number>>();

  of(message: number): Signal<number> {
    let count = this.counts.get(message);
    if (!count) {
      count = signal(0);
      this.counts.set(message, count);
    }
    return count;
  }

  /** Messages that were read, or came. */
  learn(messages: readonly Message[]): void {
    const changed = new Set<number>();
    for (const { id, reply_to: parent, replies } of messages) {
      if (replies && replies.last > (this.told.get(id)?.last ?? 0)) {
        this.told.set(id, replies);
        changed.add(id);
      }
      if (parent === undefined) continue;
      this.since.set(parent, (this.since.get(parent) ?? new Set()).add(id));
      changed.add(parent);
    }
    for (const parent of changed) {
      const { count, last } = this.told.get(parent) ?? { count: 0, last: 0 };
      const later = [...(this.since.get(parent) ?? [])].filter((id) => id > last);
      this.since.set(parent, new Set(later));
      this.of(parent).value = count + later.length;
    }
  }

  /** What was known is void. */
  clear(): void {
    this.told.clear();
    this.since.clear();
    for (const count of this.counts.values()) count.value = 0;
  }
}
