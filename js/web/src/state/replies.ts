import { type Signal, signal } from '@preact/signals';
import type { Message, Replies as Told } from 'confab-client';

const shownNames = 3;
const none: Told = { count: 0, last: 0, timestamp: '', usernames: [] };

/**
 * How many messages answer each one, when and by whom it was answered last. The server says it of a message that is read, up to the last reply it
 * counted; what came since is known by its id. So a reply counts once, however often and in whatever order it is heard of.
 */
export class Replies {
  private readonly all = new Map<number, Signal<Told>>();
  private readonly told = new Map<number, Told>();
  private readonly since = new Map<number, Map<number, Message>>();

  of(message: number): Signal<Told> {
    let replies = this.all.get(message);
    if (!replies) {
      replies = signal(none);
      this.all.set(message, replies);
    }
    return replies;
  }

  /** Messages that were read, or came. */
  learn(messages: readonly Message[]): void {
    const changed = new Set<number>();
    for (const message of messages) {
      const { id, reply_to: parent, replies } = message;
      if (replies && replies.last > (this.told.get(id)?.last ?? 0)) {
        this.told.set(id, replies);
        changed.add(id);
      }
      if (parent === undefined) continue;
      this.since.set(parent, (this.since.get(parent) ?? new Map()).set(id, message));
      changed.add(parent);
    }
    for (const parent of changed) this.of(parent).value = this.add(parent);
  }

  /** What was known is void. */
  clear(): void {
    this.told.clear();
    this.since.clear();
    for (const replies of this.all.values()) replies.value = none;
  }

  private add(parent: number): Told {
    const told = this.told.get(parent) ?? none;
    const later = [...(this.since.get(parent)?.values() ?? [])].filter(({ id }) => id > told.last).sort((a, b) => b.id - a.id);
    this.since.set(parent, new Map(later.map((message) => [message.id, message])));
    const [last] = later;
    return {
      count: told.count + later.length,
      last: last?.id ?? told.last,
      timestamp: last?.timestamp ?? told.timestamp,
      usernames: [...new Set([...later.map(({ username }) => username), ...told.usernames])].slice(0, shownNames),
    };
  }
}
