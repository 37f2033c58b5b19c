import { effect, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { focusComposer, sent } from '../composer/Composer';
import { copyMarkdown } from '../message/copy';
import { unfolds } from '../message/Fold';
import { activate, active, target } from '../message/MessageItem';
import { usePress } from '../message/press';
import { Icon } from '../parts/Icon';
import { markRead, outgoing, problem } from '../state/chat';
import type { Room } from '../state/room';
import { arrivals, openThread } from '../state/route';
import { settings } from '../state/settings';
import { language, t } from '../state/text';
import { today } from '../state/today';
import { Beginning, Pages } from './FeedPages';

const nearPx = 1_500;
const bottomPx = 40;
const targetMs = 2_500;

/** A room's messages, as one column that grows at both ends while one scrolls. */
export const Feed = ({ room, linked }: { room: Room; linked: number | undefined }) => {
  const { timeline } = room;
  const element = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const isPlaced = useRef(false);
  /** Whether what was missed is still coming: one is led to where it begins, not along with it. */
  const isHeld = useRef(false);
  const lastTop = useRef(0);
  const { isTouched, handlers } = usePress();
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

  // The browser tells of scrolling only with its next frame; what comes before that must find who has left.
  const hasLeft = (feed: HTMLElement): boolean => {
    const { scrollHeight, scrollTop, clientHeight } = feed;
    return scrollTop < lastTop.current && scrollHeight - scrollTop - clientHeight >= bottomPx;
  };
  const toEnd = (feed: HTMLElement) => {
    feed.scrollTop = feed.scrollHeight;
    lastTop.current = feed.scrollTop;
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
    // To ask may cost a layout: of what is drawn together only the first does.
    room.lookAgain = () => {
      if (room.isWatched && timeline.isDrawn && element.current && hasLeft(element.current)) look();
    };
    addEventListener('focus', focused);
    addEventListener('blur', left);
    return () => {
      removeEventListener('focus', focused);
      removeEventListener('blur', left);
      room.isShown = false;
      room.isWatched = false;
      room.lookAgain = undefined;
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
  if (isAtEnd.current && element.current && hasLeft(element.current)) isAtEnd.current = false;
  if (drawn.current !== pages && element.current && !isAtEnd.current && !isHeld.current) kept.current = firstInSight(element.current);
  drawn.current = pages;
  useLayoutEffect(() => {
    const feed = element.current;
    if (!feed) return;
    const { current: before } = kept;
    kept.current = undefined;
    if (isAtEnd.current) toEnd(feed);
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
      if (isAtEnd.current && !hasLeft(feed)) toEnd(feed);
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
      toEnd(feed);
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
        onFocusIn={(event) => isTouched.current || activate(event)}
        {...handlers}
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

export const Failed = ({ onRetry }: { onRetry: () => void }) => (
  <p class="feed-note" role="alert">
    {t('feed.failed')}{' '}
    <button type="button" onClick={onRetry}>
      {t('app.retry')}
    </button>
  </p>
);
