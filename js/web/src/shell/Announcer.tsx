import { effect, untracked, useSignalEffect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { isOnline, news, standing } from '../state/chat';
import { t } from '../state/text';
import { wordsOf } from '../state/words';

const pauseMs = 800;
const maxRead = 3;

/** Tells a screen reader of each new message once, several together, and of the connection. */
export const Announcer = () => {
  const [said, setSaid] = useState({ number: 0, text: '' });
  const waiting = useRef<string[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const say = (line: string) => {
    waiting.current.push(line);
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      const lines = waiting.current.splice(0);
      const text = lines.length > maxRead ? t('announce.many', { n: lines.length }) : lines.join(' — ');
      setSaid(({ number }) => ({ number: number + 1, text }));
    }, pauseMs);
  };
  // One by one as they come, not the last of each frame.
  useEffect(
    () =>
      effect(() => {
        const { value } = news;
        if (value) untracked(() => say(t('announce.message', { name: value.username, text: wordsOf(value).slice(0, 300) })));
      }),
    [],
  );
  const wasOnline = useRef<boolean | undefined>(undefined);
  useSignalEffect(() => {
    const { value } = isOnline;
    if (wasOnline.current !== undefined && wasOnline.current !== value) say(t(value ? 'announce.online' : 'announce.offline'));
    if (value || wasOnline.current !== undefined) wasOnline.current = value;
  });
  useSignalEffect(() => {
    if (standing.value === 'closed') say(`${t('state.closed')}. ${t('offline.closed')}`);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <div class="hidden" aria-live="polite" id="announcer">
      {/* A new element each time: the same words said again are told again. */}
      <p key={said.number}>{said.text}</p>
    </div>
  );
};
