import { effect, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { copyMarkdown } from '../message/copy';
import { useList } from '../message/keys';
import { usePress } from '../message/press';
import { ReadingContext } from '../message/reading';
import { bottomPx, Scroll } from '../message/scroll';
import { activate, active, elementOf, target } from '../message/state';
import { Failed } from '../parts/Failed';
import { markRead, outgoing, problem } from '../state/chat';
import { hasDialog } from '../state/dialog';
import { focusComposer, useSpot } from '../state/focus';
import type { Room } from '../state/room';
import { arrivals, openThread } from '../state/route';
import { settings } from '../state/settings';
import { language, t } from '../state/text';
import { today } from '../state/today';
import { Beginning, Pages } from './FeedPages';
import { Latest } from './Latest';
import { firstInSight, show } from './sight';
import { sent } from './state';

const targetMs = 2_500;

/** A room's messages, as one column that grows at both ends while one scrolls. */
export const Feed = ({ room, linked }: { room: Room; linked: number | undefined }) => {
  const { timeline } = room;
  const element = useRef<HTMLDivElement>(null);
  const line = useRef<HTMLDivElement>(null);
  const scroll = useMemo(() => new Scroll(true), []);
  const { isTouched, handlers } = usePress();
  const showsLatest = useSignal(false);
  const [attempt, setAttempt] = useState(0);
  const pages = timeline.pages.value;
  const mine = timeline.hasNewer.value ? [] : outgoing.value.filter((message) => message.room === room.name);
  const toEnd = (feed: HTMLElement) => {
    feed.scrollTop = feed.scrollHeight;
    scroll.moved(feed);
  };
  useSpot('content', element);
  useList('content', { room, thread: undefined, messages: () => timeline.messages.peek() });

  const look = () => {
    const feed = element.current;
    if (!feed || !scroll.isPlaced) return;
    const isLive = room.isLive.peek();
    const { isNearTop, isNearBottom, below, height } = scroll.look(feed, !timeline.hasNewer.peek(), isLive && timeline.isDrawn);
    // What came just below is not in sight either.
    const isEnough = scroll.isAtEnd || room.unread.peek() === 0 ? height : bottomPx;
    showsLatest.value = below > isEnough || timeline.hasNewer.peek();
    if (isNearTop) void timeline.older();
    if (isNearBottom) void timeline.newer();
    room.isShown = height > 0 && getComputedStyle(feed).visibility === 'visible';
    room.isWatched = scroll.isAtEnd && room.isShown && document.hasFocus() && isLive;
    if (room.isWatched) markRead(room);
  };

  // A link leads to its message; else one begins at the first unread, or at the end.
  useEffect(() => {
    let isGone = false;
    scroll.seek();
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
        const sought = linked === undefined ? line.current : elementOf(linked);
        if (linked !== undefined && !sought && timeline.isBegun.peek() && !timeline.failed.peek())
          problem.value = { key: 'feed.noMessage', n: linked };
        show(feed, sought);
        if (linked !== undefined) sought?.focus({ preventScroll: true });
        scroll.arrive();
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
      if (room.isWatched && timeline.isDrawn && element.current && scroll.hasLeft(element.current)) look();
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
        if (!scroll.isPlaced || room.isWatched) return;
        const isLookedAt = scroll.isAtEnd && document.hasFocus();
        if (hasUnread && room.line.peek() === undefined) {
          room.drawLine();
          scroll.hold(isLookedAt);
        } else if (isLookedAt && isLive) look();
        else if (scroll.isHeld && isLive) requestAnimationFrame(look);
      }),
    [room],
  );

  // Whoever is at the end stays there. Elsewhere the first message that one sees stays where it is. The browser would keep it there, too, but not
  // at the very top, not where that message looks different beside what came, and not before the next frame, when more was asked for already.
  const drawn = useRef(pages);
  const kept = useRef<ReturnType<typeof firstInSight>>(undefined);
  if (element.current) scroll.draw(element.current);
  if (drawn.current !== pages && element.current && scroll.keepsPlace) kept.current = firstInSight(element.current, drawn.current);
  drawn.current = pages;
  useLayoutEffect(() => {
    const feed = element.current;
    if (!feed) return;
    const { current: before } = kept;
    kept.current = undefined;
    if (scroll.isAtEnd) toEnd(feed);
    else if (scroll.isHeld) show(feed, line.current);
    else if (before) {
      const by = (before.element()?.getBoundingClientRect().top ?? before.top) - before.top;
      if (by !== 0) feed.scrollTop += by;
    }
    look();
  }, [pages, mine.length]);

  // Pictures that load, code that is coloured, the box that grows: the end stays the end.
  useEffect(() => {
    const feed = element.current;
    if (!feed) return;
    const observer = new ResizeObserver(() => {
      if (scroll.isAtEnd && !scroll.hasLeft(feed)) toEnd(feed);
      else look();
    });
    observer.observe(feed);
    for (const child of feed.children) observer.observe(child);
    return () => observer.disconnect();
  }, [pages.length > 0]);
  const reading = useMemo(
    () => ({
      leave: () => scroll.leave(),
      scrollBy: (px: number) => {
        if (element.current) element.current.scrollTop += px;
      },
    }),
    [],
  );

  const toLatest = async () => {
    await timeline.latest();
    requestAnimationFrame(() => {
      const feed = element.current;
      if (!feed) return;
      scroll.toEnd();
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
          if (event.pointerType === 'mouse' && !hasDialog(element.current)) active.value = undefined;
        }}
        onCopy={copyMarkdown}
      >
        <ReadingContext.Provider value={reading}>
          <div class="days">
            {timeline.isBegun.value && !timeline.hasOlder.value && <Beginning room={room} isEmpty={pages.length + mine.length === 0} />}
            {(failed === 'older' || failed === 'around') && <Failed onRetry={retry} />}
            <Pages
              room={room}
              pages={pages}
              mine={mine}
              line={room.line.value}
              lineElement={line}
              name={settings.value.name}
              words={language.value}
              day={today.value}
            />
            {failed === 'newer' && <Failed onRetry={retry} />}
          </div>
        </ReadingContext.Provider>
      </div>
      {showsLatest.value && <Latest room={room} onClick={() => void toLatest()} />}
    </>
  );
};
