import { signal, useSignalEffect } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { Composer } from '../composer/Composer';
import { DropSign } from '../composer/drop';
import { unfolds } from '../message/Fold';
import { activate, active, MessageItem, OutgoingItem } from '../message/MessageItem';
import { usePress } from '../message/press';
import { Icon } from '../parts/Icon';
import { named } from '../parts/named';
import { Failed } from '../room/Feed';
import { isOnline, outgoing } from '../state/chat';
import type { Room } from '../state/room';
import { t } from '../state/text';
import { closeThread, stayInThread } from './close';
import { Thread } from './thread';

const bottomPx = 40;
const narrow = matchMedia('(max-width: 720px)');
const isAlone = signal(narrow.matches);
narrow.addEventListener('change', () => {
  isAlone.value = narrow.matches;
});

/** A message and what answers it: beside the room, over it where there is less space, alone on a phone. */
const ThreadPane = ({ room, id }: { room: Room; id: number }) => {
  const thread = useMemo(() => new Thread(room, id), []);
  const list = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(false);
  const lastTop = useRef(0);
  const { isTouched, handlers } = usePress();
  const root = thread.root.value;
  const replies = thread.replies.value;
  const mine = thread.hasMore.value ? [] : outgoing.value.filter((message) => message.room === room.name && message.replyTo === id);
  const count = room.replies.of(id).value.count;
  const state = thread.state.value;
  // Where nothing is beside it, it is the content itself.
  const [Pane, Title] = isAlone.value ? (['main', 'h1'] as const) : (['aside', 'h2'] as const);

  useEffect(() => {
    room.threads.add(thread);
    // Else the box takes it.
    if (!matchMedia('(hover: hover)').matches) list.current?.focus({ preventScroll: true });
    return () => void room.threads.delete(thread);
  }, []);
  useSignalEffect(() => {
    if (isOnline.value && thread.state.peek() !== 'ready') void thread.load();
  });
  const follow = () => {
    const element = list.current;
    if (!element) return;
    // Who sees all of it is at its end.
    if (thread.state.peek() === 'ready' && element.scrollHeight <= element.clientHeight) isAtEnd.current = true;
    if (isAtEnd.current) element.scrollTop = element.scrollHeight;
  };
  useLayoutEffect(follow, [replies, mine.length]);
  useEffect(() => {
    const leave = () => {
      isAtEnd.current = false;
    };
    list.current?.addEventListener(unfolds, leave);
    return () => list.current?.removeEventListener(unfolds, leave);
  }, []);
  // Code that is coloured, the box that grows: the end stays the end.
  useEffect(() => {
    const observer = new ResizeObserver(follow);
    if (list.current) for (const element of [list.current, ...list.current.children]) observer.observe(element);
    return () => observer.disconnect();
  }, [replies, mine.length]);

  return (
    <Pane class="thread" aria-label={t('thread.title')}>
      <div class="bar">
        <div class="title">
          <Title>{t('thread.title')}</Title>
          <span class="quiet" dir="auto">
            #{room.name}
          </span>
        </div>
        <button type="button" class="icon-button" {...named(t('thread.close'), 'Esc')} onClick={closeThread}>
          <Icon name="x" />
        </button>
      </div>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: Enter on a link is a click. */}
      <div
        class="thread-feed"
        ref={list}
        role="log"
        aria-live="off"
        aria-label={t('thread.messages')}
        tabindex={0}
        onScroll={({ currentTarget: at }) => {
          // Only who scrolls up leaves the end.
          const isLeaving = at.scrollTop < lastTop.current;
          lastTop.current = at.scrollTop;
          isAtEnd.current = at.scrollHeight - at.scrollTop - at.clientHeight < bottomPx || (isAtEnd.current && !isLeaving);
        }}
        onClick={stayInThread}
        onPointerMove={(event) => event.pointerType === 'mouse' && activate(event)}
        onFocusIn={(event) => isTouched.current || activate(event)}
        {...handlers}
        onPointerLeave={() => {
          if (!list.current?.querySelector('dialog')) active.value = undefined;
        }}
      >
        {root && <MessageItem room={room} message={root} leads parent={undefined} thread={id} />}
        {state === 'missing' && <p class="feed-note">{t('thread.missing')}</p>}
        {state === 'failed' && <Failed onRetry={() => void thread.load()} />}
        {root && state === 'ready' && <div class="thread-count">{count > 0 ? t('thread.replies', { n: count }) : t('thread.none')}</div>}
        {replies.map((message) => (
          <MessageItem key={message.id} room={room} message={message} leads parent={undefined} thread={id} />
        ))}
        {thread.hasMore.value && (
          <button type="button" class="secondary" onClick={() => void thread.more()}>
            {t('thread.more')}
          </button>
        )}
        {mine.map((message) => (
          <OutgoingItem key={message.id} room={room} message={message} leads parent={undefined} thread={id} />
        ))}
      </div>
      {root && !root.deleted && !room.isArchived.value && (
        <Composer
          room={room}
          thread={thread}
          onSend={() => {
            isAtEnd.current = true;
            follow();
            void thread.rest();
          }}
        />
      )}
      <DropSign id="thread-composer" />
    </Pane>
  );
};

export default ThreadPane;
