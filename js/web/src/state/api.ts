import type { Message } from 'confab-client';
import type { Query } from './timeline';

/** A room as HTTP describes it. */
export interface RoomSummary {
  name: string;
  topic: string;
  /** Its last number. */
  head: number;
  present: number;
  last_message: Message | null;
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

export async function api<T>(path: string, init: RequestInit = {}): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, { ...init, headers: { Accept: 'application/json', ...init.headers } });
  } catch (cause) {
    throw new ApiError(0, 'offline', String(cause));
  }
  const body: unknown = await answer.json().catch(() => undefined);
  if (answer.ok && body !== undefined) return body as T;
  const problem = (body ?? {}) as { code?: string; detail?: string };
  throw new ApiError(answer.status, problem.code ?? 'internal', problem.detail ?? answer.statusText);
}

export const sendJson = <T>(path: string, method: string, body: unknown): Promise<T> =>
  api<T>(path, { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

export const roomPath = (room: string, rest = ''): string => `/api/rooms/${encodeURIComponent(room)}${rest}`;

export const message = (room: string, id: number): Promise<Message> => api<Message>(roomPath(room, `/messages/${id}`));

/** One page of what answers a message, in the order of ids. */
export const replies = (room: string, id: number, after: number, limit: number): Promise<Message[]> =>
  api<Message[]>(roomPath(room, `/messages/${id}/replies?after=${after}&limit=${limit}`));

/** One page of a room's messages, in the order of their ids. */
export const messages = (room: string, query: Query): Promise<Message[]> =>
  api<Message[]>(
    roomPath(
      room,
      `/messages?${new URLSearchParams(
        Object.entries(query)
          .filter(([, value]) => value !== undefined)
          .map(([key, value]) => [key, String(value)]),
      )}`,
    ),
  );
