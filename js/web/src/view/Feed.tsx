import { effect, useSignal, useSignalEffect } from '@preact/signals';
import type { Message } from 'confab-client';
import { Fragment, type VNode } from 'preact';
import { memo } from 'preact/compat';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { markRead, type Outgoing, outgoing, problem } from '../state/chat';
import type { Room } from '../state/room';
import { arrivals, openThread } from '../state/route';
import { settings } from '../state/settings';
import { dayOf, language, shortDayOf, t, timeOf } from '../state/text';
import type { Page } from '../state/timeline';
import { today } from '../state/today';
import { focusComposer, sent } from './Composer';
import { copyMarkdown } from './copy';
import { unfolds } from './Fold';
import { Icon } from './Icon';
import { activate, active, MessageItem, OutgoingItem, target } from './MessageItem';

const nearPx = 1_500;
const bottomPx = 40;
const groupMs = 5 * 60_000;
const targetMs = 2_500;
const pressMs = 450;

/** A room's messages, as one column that grows at both ends while one scrolls. */
export const Feed = ({ room, linked }: { room: Room; linked: number | undefined }) => {
  const { timeline } = room;
  const element = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const isPlaced = useRef(false);
  /** Whether what was missed is still coming: one is led to where it begins, not along with it. */
  const isHeld = useRef(false);
  const lastTop = useRef(0);
  const press = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const isTouched = useRef(false);
  const showsLatest = useSignal(false);
  const [attempt, setAttempt] = useState(0);
  const pages = timeline.pages.value;
  const mine = timeline.hasNewer.value ? [] : outgoing.value.filter((message) => message.room === room.name);

  const look = () => {
    const feed = element.current;
    if (!feed || !isPlaced.current) return;
    // Each is asked for once: an answer may cost a layout.
    const { scrollHeight, scrollTop, clientHeight } = feed;
    const below = scrollHeight - scrollTop - clientHeight;
    // What grows is followed; only who scrolls up leaves the end.
    const isLeaving = scrollTop < lastTop.current;
    lastTop.current = scrollTop;
    if (isLeaving || (room.isLive.peek() && timeline.isDrawn)) isHeld.current = false;
    isAtEnd.current = !timeline.hasNewer.peek() && !isHeld.current && (below < bottomPx || (isAtEnd.current && !isLeaving));
    // What came just below is not in sight either.
    const isEnough = isAtEnd.current || room.unread.peek() === 0 ? clientHeight : bottomPx;
    showsLatest.value = below > isEnough || timeline.hasNewer.peek();
    if (scrollTop < nearPx) void timeline.older();
    if (below < nearPx) void timeline.newer();
    room.isShown = clientHeight > 0 && getComputedStyle(feed).visibility === 'visible';
    room.isWatched = isAtEnd.current && room.isShown && document.hasFocus() && room.isLive.peek();
    if (room.isWatched) markRead(room);
  };

  // A link leads to its message; else one begins at the first unread, or at the end.
  useEffect(() => {
    let isGone = false;
    isPlaced.current = false;
    isAtEnd.current = false;
    isHeld.current = false;
    const place = async () => {
      await room.open().catch(() => {});
      const from = linked ?? room.line.peek();
      if (from !== undefined) await timeline.around(from);
      else await timeline.latest();
      if (isGone) return;
      if (linked === undefined) room.drawLine();
      requestAnimationFrame(() => {
        const feed = element.current;
        if (!feed || isGone) return;
        const sought = feed.querySelector(linked === undefined ? '.new' : `#m${linked}`);
        if (linked !== undefined && !sought && timeline.isBegun.peek() && !timeline.failed.peek())
          problem.value = { key: 'feed.noMessage', n: linked };
        show(feed, sought);
        if (linked !== undefined && sought instanceof HTMLElement) sought.focus({ preventScroll: true });
        isPlaced.current = true;
        look();
      });
    };
    target.value = linked;
    const timer = setTimeout(() => {
      target.value = undefined;
    }, targetMs);
    void place();
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
    // A link that is followed once more leads there once more.
  }, [room, linked, linked && arrivals.value, attempt, room.resets.value]);

  useEffect(() => {
    const focused = () => look();
    const left = () => {
      room.isWatched = false;
    };
    addEventListener('focus', focused);
    addEventListener('blur', left);
    return () => {
      removeEventListener('focus', focused);
      removeEventListener('blur', left);
      room.isShown = false;
      room.isWatched = false;
      timeline.rest();
      room.line.value = undefined;
    };
  }, [room]);

  // A thread may cover the room, or uncover it.
  useSignalEffect(() => {
    void openThread.value;
    requestAnimationFrame(look);
  });

  // What comes while nobody looks stands below the line. What was missed without a connection is read from there, not from the end.
  // At once, not with the next frame, which draws the messages.
  useEffect(
    () =>
      effect(() => {
        const hasUnread = room.unread.value > 0;
        const isLive = room.isLive.value;
        if (!isPlaced.current || room.isWatched) return;
        const isLookedAt = isAtEnd.current && document.hasFocus();
        if (hasUnread && room.line.peek() === undefined) {
          room.drawLine();
          isHeld.current = isLookedAt;
          if (isLookedAt) isAtEnd.current = false;
        } else if (isLookedAt && isLive) look();
        else if (isHeld.current && isLive) requestAnimationFrame(look);
      }),
    [room],
  );

  // Whoever is at the end stays there. Elsewhere the first message that one sees stays where it is. The browser would keep it there, too, but not
  // at the very top, not where that message looks different beside what came, and not before the next frame, when more was asked for already.
  const drawn = useRef(pages);
  const kept = useRef<{ id: string; top: number } | undefined>(undefined);
  if (drawn.current !== pages && element.current && !isAtEnd.current && !isHeld.current) kept.current = firstInSight(element.current);
  drawn.current = pages;
  useLayoutEffect(() => {
    const feed = element.current;
    if (!feed) return;
    const { current: before } = kept;
    kept.current = undefined;
    if (isAtEnd.current) feed.scrollTop = feed.scrollHeight;
    else if (isHeld.current) show(feed, feed.querySelector('.new'));
    else if (before) {
      const by = (document.getElementById(before.id)?.getBoundingClientRect().top ?? before.top) - before.top;
      if (by !== 0) feed.scrollTop += by;
    }
    look();
  }, [pages, mine.length]);

  // Pictures that load, code that is coloured, the box that grows: the end stays the end.
  useEffect(() => {
    const feed = element.current;
    if (!feed) return;
    const observer = new ResizeObserver(() => {
      if (isAtEnd.current) feed.scrollTop = feed.scrollHeight;
      else look();
    });
    const leave = () => {
      isAtEnd.current = false;
    };
    feed.addEventListener(unfolds, leave);
    observer.observe(feed);
    for (const child of feed.children) observer.observe(child);
    return () => {
      observer.disconnect();
      feed.removeEventListener(unfolds, leave);
    };
  }, [pages.length > 0]);

  const toLatest = async () => {
    await timeline.latest();
    requestAnimationFrame(() => {
      const feed = element.current;
      if (!feed) return;
      // From here on what grows is followed.
      isHeld.current = false;
      isAtEnd.current = true;
      feed.scrollTop = feed.scrollHeight;
      lastTop.current = feed.scrollTop;
      focusComposer();
    });
  };
  const before = useRef(sent.peek());
  useSignalEffect(() => {
    if (sent.value === before.current) return;
    before.current = sent.value;
    void toLatest();
  });

  const failed = timeline.failed.value;
  const retry = () => {
    element.current?.focus();
    if (failed === 'around') setAttempt(attempt + 1);
    else look();
  };

  return (
    <>
      <div
        class="feed"
        ref={element}
        role="log"
        aria-live="off"
        aria-label={t('room.messages', { room: room.name })}
        tabindex={0}
        onScroll={look}
        onPointerMove={(event) => event.pointerType === 'mouse' && activate(event)}
        // A tap focuses what it hits, too: only a long press asks for the actions.
        onFocusIn={(event) => isTouched.current || activate(event)}
        onKeyDown={() => {
          isTouched.current = false;
        }}
        onPointerDown={(event) => {
          isTouched.current = event.pointerType !== 'mouse';
          if (!isTouched.current) return;
          clearTimeout(press.current);
          const { target: pressed } = event;
          if (pressed instanceof Element && !pressed.closest('.actions')) active.value = undefined;
          press.current = setTimeout(() => activate({ target: pressed }), pressMs);
        }}
        onPointerUp={() => clearTimeout(press.current)}
        onPointerCancel={() => clearTimeout(press.current)}
        onPointerLeave={(event) => {
          // A finger that is lifted leaves, too.
          if (event.pointerType === 'mouse' && !element.current?.querySelector('dialog')) active.value = undefined;
        }}
        onCopy={copyMarkdown}
      >
        <div class="days">
          {timeline.isBegun.value && !timeline.hasOlder.value && <Beginning room={room} isEmpty={pages.length + mine.length === 0} />}
          {(failed === 'older' || failed === 'around') && <Failed onRetry={retry} />}
          <Pages room={room} pages={pages} mine={mine} line={room.line.value} name={settings.value.name} words={language.value} day={today.value} />
          {failed === 'newer' && <Failed onRetry={retry} />}
        </div>
      </div>
      {showsLatest.value && (
        <button type="button" class="latest" title={t('feed.latest')} onClick={() => void toLatest()}>
          <Icon name="down" small />
          {room.unread.value > 0 && <span class="hidden">{t('feed.latest')}: </span>}
          {newsOf(room)}
        </button>
      )}
    </>
  );
};

/** What there is at the end. */
const newsOf = (room: Room): string => {
  const { unread, hasMoreUnread, mentioned, mentioners } = room;
  const [name, ...others] = mentioners.value;
  if (unread.value === 0) return t('feed.latest');
  const count = t(hasMoreUnread.value ? 'feed.latestMore' : 'feed.latestNew', { n: unread.value });
  if (name === undefined) return count;
  return `${count}, ${others.length === 0 ? t('feed.mentionedYou', { name }) : t('side.mentions', { n: mentioned.value })}`;
};

/** Leads to what one comes for: it stands a quarter down, with something of what was before it. Else to the end. */
const show = (feed: HTMLElement, sought: Element | null) => {
  feed.scrollTop = sought
    ? feed.scrollTop + sought.getBoundingClientRect().top - feed.getBoundingClientRect().top - feed.clientHeight / 4
    : feed.scrollHeight;
};

const firstInSight = (feed: HTMLElement): { id: string; top: number } | undefined => {
  const { top: edge } = feed.getBoundingClientRect();
  const first = [...feed.querySelectorAll('.message[id]')].find((item) => item.getBoundingClientRect().bottom > edge);
  return first && { id: first.id, top: first.getBoundingClientRect().top };
};

const Pages = ({
  room,
  pages,
  mine,
  line,
  name,
  words,
  day,
}: {
  room: Room;
  pages: readonly Page[];
  mine: Outgoing[];
  line: number | undefined;
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
  /** The language of the labels. */
  words: string;
  /** The day that is called today. */
  day: number;
}

// Drawn anew only when one of its messages changed. The labels of days are siblings of the page's parts: each that is stuck covers the one before.
const PageOfMessages = memo(({ room, page, before, firstNew }: PageProps) => {
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
    if (message === firstNew) part.items.push(<NewLine key="new" room={room} first={message} since={previous ?? message} />);
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
const NewLine = ({ room, first, since }: { room: Room; first: Message; since: Message }) => {
  const { day } = momentOf(since);
  const time = day === today.value ? timeOf(since.timestamp) : `${shortDayOf(since.timestamp)}, ${timeOf(since.timestamp)}`;
  const after = room.timeline.messages.value.filter(({ id, username, deleted }) => id >= first.id && username !== settings.value.name && !deleted);
  return (
    <div class="new">
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

export const Failed = ({ onRetry }: { onRetry: () => void }) => (
  <p class="feed-note" role="alert">
    {t('feed.failed')}{' '}
    <button type="button" onClick={onRetry}>
      {t('app.retry')}
    </button>
  </p>
);

const Beginning = ({ room, isEmpty }: { room: Room; isEmpty: boolean }) =>
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
      <ul>
        <li>
          <button type="button" onClick={() => focusComposer()}>
            <Icon name="smile" />
            {t('feed.sayHello')}
          </button>
        </li>
        <li>
          <button type="button" onClick={() => document.querySelector<HTMLElement>('[data-action=topic]')?.click()}>
            <Icon name="pen" />
            {t('feed.setTopic')}
          </button>
        </li>
      </ul>
    </div>
  ) : (
    <p class="feed-note">{t('feed.beginning', { room: room.name })}</p>
  );
