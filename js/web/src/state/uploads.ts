import { signal } from '@preact/signals';
import type { Attachment } from 'confab-client';
import { roomPath } from './api';

/** A file that is to go with the next message of a box. */
export interface Upload {
  key: number;
  /** Which box: that of a room, or of one of its threads. */
  place: string;
  room: string;
  /** What is uploaded; undefined for a file that came back with words that were refused. */
  file?: File;
  /** From 0 to 1. */
  progress: number;
  /** What the server calls it: it can go. */
  id?: string;
  attachment?: Attachment;
  /** Why it was not taken: a code of the server, or `offline`. */
  failed?: string;
}

export const uploads = signal<Upload[]>([]);

const known = new Map<string, Attachment>();
const requests = new Map<number, XMLHttpRequest>();
let keys = 0;

/** What is known of a file that was uploaded from this window. */
export const attachmentOf = (id: string): Attachment | undefined => known.get(id);

const update = (key: number, part: Partial<Upload>): void => {
  uploads.value = uploads.peek().map((upload) => (upload.key === key ? { ...upload, ...part } : upload));
};

/** Begins to upload files, as far as the server takes them with one message. @returns Whether it takes them all. */
export const upload = (
  place: string,
  room: string,
  files: Iterable<File>,
  limits: { file_bytes: number; files_per_message: number } | undefined,
): boolean => {
  for (const file of files) {
    const count = uploads.peek().filter((other) => other.place === place).length;
    if (limits && count >= limits.files_per_message) return false;
    const key = ++keys;
    const isTooBig = limits !== undefined && file.size > limits.file_bytes;
    uploads.value = [...uploads.peek(), { key, place, room, file, progress: 0, failed: isTooBig ? 'too_long' : undefined }];
    if (!isTooBig) begin(key, room, file);
  }
  return true;
};

// fetch does not tell how far it is.
const begin = (key: number, room: string, file: File): void => {
  const request = new XMLHttpRequest();
  requests.set(key, request);
  request.open('POST', roomPath(room, `/files?${new URLSearchParams({ name: file.name || 'file' })}`));
  request.responseType = 'json';
  request.upload.onprogress = ({ loaded, total }) => update(key, { progress: total > 0 ? loaded / total : 0 });
  request.onload = () => {
    requests.delete(key);
    const answer = request.response as (Attachment & { code?: string }) | null;
    if (request.status === 201 && answer) {
      known.set(answer.id, answer);
      update(key, { progress: 1, id: answer.id, attachment: answer });
    } else {
      update(key, { failed: answer?.code ?? 'internal' });
    }
  };
  request.onerror = () => {
    requests.delete(key);
    update(key, { failed: 'offline' });
  };
  request.send(file);
};

export const again = ({ key, room, file }: Upload): void => {
  if (!file) return;
  update(key, { progress: 0, failed: undefined });
  begin(key, room, file);
};

/** Takes a file out again. Those that no message took, the server forgets. */
export const drop = (key: number): void => {
  requests.get(key)?.abort();
  requests.delete(key);
  uploads.value = uploads.peek().filter((upload) => upload.key !== key);
};

/** The files that are ready to go with a message, which is being sent. */
export const take = (place: string): string[] => {
  const ready = uploads.peek().filter((upload) => upload.place === place && upload.id);
  uploads.value = uploads.peek().filter((upload) => !ready.includes(upload));
  return ready.map(({ id }) => id as string);
};

/** The files of a message that was refused, to go with the next. */
export const putBack = (place: string, room: string, ids: string[]): void => {
  uploads.value = [...uploads.peek(), ...ids.map((id) => ({ key: ++keys, place, room, progress: 1, id, attachment: known.get(id) }))];
};
