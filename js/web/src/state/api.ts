import type { Message } from 'confab-client';
import { base } from './base';

/** A room as HTTP describes it. */
export interface RoomSummary {
  name: string;
  topic: string;
  /** Its last number. */
  head: number;
  present: number;
  last_message: Message | null;
  archived?: boolean;
}

/** A page of messages in the order of their ids, which may hold fewer than were asked for; and whether there are more. */
export interface MessagePage {
  messages: Message[];
  hasOlder: boolean;
  hasNewer: boolean;
}

/** Which page of a room's messages. */
export interface Query {
  before?: number;
  after?: number;
  limit: number;
}

/** HTTP refused a request, or was not reached: then `status` is 0. */
export class ApiError extends Error {
  override name = 'ApiError';
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export const api = async <T>(path: string, init: RequestInit = {}): Promise<T> => (await ask<T>(path, init)).body;

async function ask<T>(path: string, init: RequestInit = {}): Promise<{ body: T; link: string }> {
  let answer: Response;
  try {
    answer = await fetch(path, { ...init, headers: { Accept: 'application/json', ...init.headers } });
  } catch (cause) {
    throw new ApiError(0, 'offline', String(cause));
  }
  const body: unknown = await answer.json().catch(() => undefined);
  if (answer.ok && body !== undefined) return { body: body as T, link: answer.headers.get('Link') ?? '' };
  const problem = (body ?? {}) as { code?: string; detail?: string };
  throw new ApiError(answer.status, problem.code ?? 'internal', problem.detail ?? answer.statusText);
}

export const sendJson = <T>(path: string, method: string, body: unknown): Promise<T> =>
  api<T>(path, { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

export const roomPath = (room: string, rest = ''): string => `${base}/api/rooms/${encodeURIComponent(room)}${rest}`;

export const message = (room: string, id: number): Promise<Message> => api<Message>(roomPath(room, `/messages/${id}`));

const page = async (path: string): Promise<MessagePage> => {
  const { body, link } = await ask<Message[]>(path);
  return { messages: body, hasOlder: link.includes('rel="prev"'), hasNewer: link.includes('rel="next"') };
};

/** One page of what answers a message. */
export const replies = (room: string, id: number, after: number, limit: number): Promise<MessagePage> =>
  page(roomPath(room, `/messages/${id}/replies?after=${after}&limit=${limit}`));

/** One page of a room's messages. */
export const messages = (room: string, query: Query): Promise<MessagePage> =>
  page(
    roomPath(
      room,
      `/messages?${new URLSearchParams(
        Object.entries(query)
          .filter(([, value]) => value !== undefined)
          .map(([key, value]) => [key, String(value)]),
      )}`,
    ),
  );
