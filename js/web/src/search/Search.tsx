import type { Message } from 'confab-client';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Avatar } from '../parts/Avatar';
import { Icon } from '../parts/Icon';
import { named } from '../parts/named';
import { ApiError, api } from '../state/api';
import { base } from '../state/base';
import { useSpot } from '../state/focus';
import { mentions } from '../state/mention';
import { arrivals, go, homeUrl, roomUrl, searchUrl } from '../state/route';
import { type Key, shortDayOf, t, timeOf } from '../state/text';
import { obstacleOf } from './query';

interface Found {
  message: Message;
  /** What matched: begin and length in UTF-16 code units. */
  highlights: [number, number][];
}

interface Results {
  results: Found[];
  next?: string;
}

const pauseMs = 200;
const maxPages = 5;
const beforeChars = 60;
const shownChars = 240;

const reasons: Record<string, Key> = { offline: 'search.offline', bad_request: 'search.tooMuch' };

/** A page of what was found. Signs are no words: of what was found for a mention, some only has the name in it, and some one said oneself. */
const ask = async (query: string, before: string | undefined): Promise<Results> => {
  const name = /^"@(.+)"$/.exec(query)?.[1];
  const find = (zone: string) =>
    api<Results>(`${base}/api/search?${new URLSearchParams({ q: query, ...(zone && { zone }), ...(before && { before }) })}`);
  // Days are the reader's; a zone that the server's system does not know leaves those of UTC.
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  const page = await find(timeZone).catch((failure: unknown) => {
    if (failure instanceof ApiError && failure.code === 'bad_request') return find('');
    throw failure;
  });
  if (name === undefined) return page;
  return { ...page, results: page.results.filter(({ message }) => message.username !== name && mentions(message, name)) };
};

/** Everything that was said, by words. */
const Search = ({ query }: { query: string }) => {
  const [text, setText] = useState(query);
  const [found, setFound] = useState<Results | undefined>(undefined);
  const [error, setError] = useState<string | undefined>(undefined);
  const field = useRef<HTMLInputElement>(null);
  const body = useRef<HTMLDivElement>(null);
  useSpot('content', body, () => field.current);
  const asked = useRef('');
  /** Whether the words are still being typed, not taken from the address or ended with Enter. */
  const [isTyped, setTyped] = useState(false);
  /** Whether this view changed the address itself: what was typed since stays. */
  const isOwn = useRef(false);

  const load = async (sought: string, before?: string) => {
    asked.current = sought;
    try {
      let page = await ask(sought, before);
      for (let pages = 1; page.results.length === 0 && page.next && pages < maxPages && asked.current === sought; pages++)
        page = await ask(sought, page.next);
      if (asked.current !== sought) return;
      setError(undefined);
      setFound((known) =>
        before === undefined ? page : known?.next === before ? { results: [...known.results, ...page.results], next: page.next } : known,
      );
    } catch (failure) {
      if (asked.current === sought) setError(t(failure instanceof ApiError ? (reasons[failure.code] ?? 'search.failed') : 'search.failed'));
    }
  };
  const settle = () => {
    if (text === query) return;
    isOwn.current = true;
    go(searchUrl(text), true);
  };

  useEffect(() => {
    // A link that is followed once more leads there once more.
    if (!isOwn.current) {
      setText(query);
      setTyped(false);
    }
    isOwn.current = false;
  }, [query, arrivals.value]);
  useEffect(() => field.current?.focus(), []);
  useEffect(() => {
    const sought = text.trim();
    if (!sought) {
      asked.current = '';
      setFound(undefined);
      setError(undefined);
      settle();
      return;
    }
    const obstacle = obstacleOf(text.trimStart(), isTyped);
    // It would be refused.
    if (obstacle === 'begun') return;
    const timer = setTimeout(() => {
      settle();
      if (!obstacle) return void load(sought);
      asked.current = '';
      setFound(undefined);
      setError(t(obstacle.key, { name: obstacle.name }));
    }, pauseMs);
    return () => clearTimeout(timer);
  }, [text, isTyped]);

  return (
    <main class="page">
      <div class="bar">
        <a class="back icon-button" href={homeUrl} {...named(t('room.back'))}>
          <Icon name="left" />
        </a>
        <h1>{t('search.title')}</h1>
      </div>
      <div class="page-body" ref={body}>
        <search>
          <input
            ref={field}
            id="composer"
            class="field big"
            type="search"
            dir="auto"
            aria-label={t('search.title')}
            aria-describedby="search-help"
            placeholder={t('search.placeholder')}
            value={text}
            onInput={(event) => {
              setText(event.currentTarget.value);
              setTyped(true);
            }}
            onKeyDown={({ key }) => key === 'Enter' && setTyped(false)}
          />
        </search>
        <p class="quiet" id="search-help">
          {t('search.help')}
        </p>
        {error && (
          <p class="error" role="alert">
            {error}
          </p>
        )}
        <p class="hidden" role="status">
          {found && t('search.results', { n: found.results.length })}
        </p>
        {found?.results.length === 0 && !found.next && !error && <p class="quiet">{t('search.none')}</p>}
        <ul class="results">
          {found?.results.map(({ message, highlights }) => (
            <li key={`${message.room}/${message.id}`}>
              <a href={roomUrl(message.room, message.id)}>
                <Avatar name={message.username} />
                <span class="result-head">
                  <b dir="auto">{message.username}</b>
                  <span dir="auto">#{message.room}</span>
                  <time dateTime={message.timestamp}>
                    {shortDayOf(message.timestamp)}, {timeOf(message.timestamp)}
                  </time>
                </span>
                <span class="result-text" dir="auto">
                  <Marked content={message.content} highlights={highlights} />
                </span>
                {message.attachments && (
                  <span class="result-text quiet" dir="auto">
                    {message.attachments.map(({ name }) => name).join(', ')}
                  </span>
                )}
              </a>
            </li>
          ))}
        </ul>
        {found?.next && (
          <button type="button" class="secondary" onClick={() => void load(text.trim(), found.next)}>
            {t('search.more')}
          </button>
        )}
      </div>
    </main>
  );
};

/** The place of the first match, with all that matches marked. */
const Marked = ({ content, highlights }: { content: string; highlights: [number, number][] }) => {
  const first = highlights[0]?.[0] ?? 0;
  const begin = first > beforeChars ? first - beforeChars : 0;
  const end = Math.min(content.length, begin + shownChars);
  const parts: (string | { text: string })[] = [begin > 0 ? '…' : ''];
  let at = begin;
  for (const [start, length] of highlights) {
    if (start < at || start + length > end) continue;
    parts.push(content.slice(at, start), { text: content.slice(start, start + length) });
    at = start + length;
  }
  parts.push(content.slice(at, end), end < content.length ? '…' : '');
  return parts.map((part, index) => (typeof part === 'string' ? part : <mark key={index}>{part.text}</mark>));
};

export default Search;
