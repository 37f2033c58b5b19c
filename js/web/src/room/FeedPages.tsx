import type { Message } from 'confab-client';
import { Fragment, type RefObject, type VNode } from 'preact';
import { memo } from 'preact/compat';
import { MessageItem, OutgoingItem } from '../message/MessageItem';
import { Icon } from '../parts/Icon';
import { markRead, type Outgoing } from '../state/chat';
import { focusComposer } from '../state/focus';
import type { Room } from '../state/room';
import { settings } from '../state/settings';
import { dayOf, shortDayOf, t, timeOf } from '../state/text';
import type { Page } from '../state/timeline';
import { today } from '../state/today';
import { panel } from './state';

const groupMs = 5 * 60_000;

/** The messages of a room, by days and by who said them, with the line above what is new, and below them what is not sent yet. */
export const Pages = ({
  room,
  pages,
  mine,
  line,
  lineElement,
  name,
  words,
  day,
}: {
  room: Room;
  pages: readonly Page[];
  mine: Outgoing[];
  line: number | undefined;
  lineElement: RefObject<HTMLDivElement | null>;
  name: string;
  words: string;
  day: number;
}) => {
  const firstNew = line === undefined ? undefined : firstOf(pages, (message) => message.id > line && message.username !== name && !message.deleted);
  const last = pages.at(-1)?.at(-1);
  return (
    <>
      {pages.map((page, index) => (
        <PageOfMessages
          key={page[0]?.id}
          room={room}
          page={page}
          before={pages[index - 1]?.at(-1)}
          lineElement={lineElement}
          firstNew={firstNew && page.includes(firstNew) ? firstNew : undefined}
          words={words}
          day={day}
        />
      ))}
      {mine.map((message, index) => (
        <OutgoingItem
          key={message.id}
          room={room}
          message={message}
          leads={
            index === 0
              ? !(last && last.username === message.username && message.at - momentOf(last).ms < groupMs)
              : mine[index - 1]?.username !== message.username
          }
          parent={find(pages, message.replyTo)}
        />
      ))}
    </>
  );
};

const firstOf = (pages: readonly Page[], condition: (message: Message) => boolean): Message | undefined => {
  for (const page of pages) {
    const found = page.find(condition);
    if (found) return found;
  }
  return undefined;
};

const find = (pages: readonly Page[], id: number | undefined): Message | undefined =>
  id === undefined ? undefined : firstOf(pages, (message) => message.id === id);

interface PageProps {
  room: Room;
  page: Page;
  /** The message before the first. */
  before: Message | undefined;
  /** The one that the line stands above. */
  firstNew: Message | undefined;
  lineElement: RefObject<HTMLDivElement | null>;
  /** The language of the labels. */
  words: string;
  /** The day that is called today. */
  day: number;
}

// Drawn anew only when one of its messages changed. The labels of days are siblings of the page's parts: each that is stuck covers the one before.
const PageOfMessages = memo(({ room, page, before, firstNew, lineElement }: PageProps) => {
  const pages = room.timeline.pages.peek();
  let previous = before;
  const parts: { first: Message; isNewDay: boolean; items: VNode[] }[] = [];
  for (const message of page) {
    const isNewDay = !previous || momentOf(previous).day !== momentOf(message).day;
    const follows =
      previous !== undefined &&
      !isNewDay &&
      message !== firstNew &&
      previous.username === message.username &&
      momentOf(message).ms - momentOf(previous).ms < groupMs &&
      message.reply_to === undefined;
    let part = parts.at(-1);
    if (!part || isNewDay) {
      part = { first: message, isNewDay, items: [] };
      parts.push(part);
    }
    if (message === firstNew) part.items.push(<NewLine key="new" element={lineElement} room={room} first={message} since={previous ?? message} />);
    part.items.push(<MessageItem key={message.id} room={room} message={message} leads={!follows} parent={find(pages, message.reply_to)} />);
    previous = message;
  }
  return (
    <>
      {parts.map(({ first, isNewDay, items }) => (
        <Fragment key={first.id}>
          {isNewDay && (
            <div class="day">
              <h2>{dayOf(first.timestamp)}</h2>
            </div>
          )}
          <div class="messages">{items}</div>
        </Fragment>
      ))}
    </>
  );
});

interface Moment {
  ms: number;
  /** Midnight before it, where one is. */
  day: number;
}

// Asked for every message that is shown, each time one of them changes.
const moments = new WeakMap<Message, Moment>();

const momentOf = (message: Message): Moment => {
  const known = moments.get(message);
  if (known) return known;
  const ms = Date.parse(message.timestamp);
  const moment = { ms, day: new Date(ms).setHours(0, 0, 0, 0) };
  moments.set(message, moment);
  return moment;
};

/** Since when one was not here is not known; the last message that one has read says until when one was, at least. */
const NewLine = ({ element, room, first, since }: { element: RefObject<HTMLDivElement | null>; room: Room; first: Message; since: Message }) => {
  const { day } = momentOf(since);
  const time = day === today.value ? timeOf(since.timestamp) : `${shortDayOf(since.timestamp)}, ${timeOf(since.timestamp)}`;
  const after = room.timeline.messages.value.filter(({ id, username, deleted }) => id >= first.id && username !== settings.value.name && !deleted);
  return (
    <div class="new" ref={element}>
      <span>{room.timeline.hasNewer.value ? t('feed.newMore', { time }) : t('feed.new', { n: after.length, time })}</span>
      <button
        type="button"
        onClick={() => {
          room.line.value = undefined;
          markRead(room);
          focusComposer();
        }}
      >
        {t('feed.markRead')}
      </button>
    </div>
  );
};

/** What stands above a room's first message. */
export const Beginning = ({ room, isEmpty }: { room: Room; isEmpty: boolean }) =>
  isEmpty ? (
    <div class="empty">
      <svg class="drawing" width="120" height="76" viewBox="0 0 120 76" aria-hidden="true">
        <path class="ground" d="M8 70h104" />
        <path
          class="leaf"
          d="M60 70V34m0 12c-13 .8-20.500-5.800-21.300-18C51.500 27.200 59.300 33.500 60 46zm0-9c.3-12 7.300-18.900 20.300-20C81.400 30 74.100 37.400 60 37z"
        />
        <path d="M24 70c0-6 3-9 8-10M96 70c0-5-2.500-7.500-7-8.300" />
      </svg>
      <h2>{t('feed.start', { room: room.name })}</h2>
      <p>{t('feed.startText')}</p>
      {!room.isArchived.value && (
        <ul>
          <li>
            <button type="button" onClick={() => focusComposer()}>
              <Icon name="smile" />
              {t('feed.sayHello')}
            </button>
          </li>
          <li>
            <button type="button" onClick={() => (panel.value = 'topic')}>
              <Icon name="pen" />
              {t('feed.setTopic')}
            </button>
          </li>
        </ul>
      )}
    </div>
  ) : (
    <p class="feed-note">{t('feed.beginning', { room: room.name })}</p>
  );
