import { signal } from '@preact/signals';
import type { Attachment } from 'confab-client';
import { roomPath } from '../state/api';
import { base } from '../state/base';
import { newId } from '../state/ids';
import { draftOf, type Ready, write } from './drafts';
import { forgetFile, keepFile, keptFile, keptFiles } from './files';

/** A file that is to go with the next message of a box, and is not yet where the server has it. */
export interface Upload {
  key: string;
  /** Which box: that of a room, or of one of its threads. */
  place: string;
  room: string;
  file: File;
  at: number;
  /** From 0 to 1. */
  progress: number;
  /** Why it was not taken: a code of the server, or `offline`. */
  failed?: string | undefined;
}

export const uploads = signal<Upload[]>([]);

const known = new Map<string, Attachment>();
const requests = new Map<string, XMLHttpRequest>();
/** Lets other windows have a file, should it still be there. */
const releases = new Map<string, () => void>();
const restored = new Set<string>();

/** What is known of a file that was uploaded from this browser. */
export const attachmentOf = (id: string): Attachment | undefined => known.get(id);

let lastAt = 0;

const now = (): number => {
  lastAt = Math.max(lastAt + 1, Date.now());
  return lastAt;
};

const update = (key: string, part: Partial<Upload>): void => {
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
    const count = uploads.peek().filter((other) => other.place === place).length + draftOf(place).peek().files.length;
    if (limits && count >= limits.files_per_message) return false;
    const key = newId();
    const failed = file.size === 0 ? 'empty' : limits && file.size > limits.file_bytes ? 'too_long' : undefined;
    uploads.value = [...uploads.peek(), { key, place, room, file, at: now(), progress: 0, failed }];
    if (failed) continue;
    hold(key, async () => {
      const found = uploads.peek().find((other) => other.key === key);
      if (!found) return;
      void keepFile({ key, place, room, file, at: found.at });
      begin(key);
    });
  }
  return true;
};

/** What an earlier page left in a box: the files that it had uploaded, and those that it had not. */
export const restore = async (place: string): Promise<void> => {
  for (const { id, attachment } of draftOf(place).peek().files) if (attachment) known.set(id, attachment);
  if (restored.has(place)) return;
  restored.add(place);
  for (const { key } of (await keptFiles()).filter((file) => file.place === place && !releases.has(file.key))) {
    // A window that is closed just after an upload may not come to forget the file.
    if (
      draftOf(place)
        .peek()
        .files.some((file) => file.key === key)
    ) {
      void forgetFile(key);
      continue;
    }
    hold(key, async () => {
      const kept = await keptFile(key);
      if (!kept) return void releases.get(key)?.();
      uploads.value = [...uploads.peek(), { ...kept, progress: 0 }];
      begin(key);
    });
  }
};

// A file belongs to one window; another one waits until it has it no more, and takes it if it was not uploaded.
const hold = (key: string, work: () => Promise<void>): void => {
  const held = new Promise<void>((resolve) => releases.set(key, resolve));
  if (!navigator.locks) return void work();
  void navigator.locks.request(`confab${base}.file.${key}`, async () => {
    await work();
    await held;
  });
};

const release = (key: string): void => {
  requests.delete(key);
  uploads.value = uploads.peek().filter((upload) => upload.key !== key);
  void forgetFile(key).then(() => {
    releases.get(key)?.();
    releases.delete(key);
  });
};

// fetch does not tell how far it is.
const begin = (key: string): void => {
  const found = uploads.peek().find((upload) => upload.key === key);
  if (!found) return;
  const { place, room, file, at } = found;
  const request = new XMLHttpRequest();
  requests.set(key, request);
  request.open('POST', roomPath(room, `/files?${new URLSearchParams({ name: file.name || 'file' })}`));
  request.responseType = 'json';
  request.upload.onprogress = ({ loaded, total }) => update(key, { progress: total > 0 ? loaded / total : 0 });
  request.onload = () => {
    const answer = request.response as (Attachment & { code?: string }) | null;
    if (request.status === 201 && answer) {
      known.set(answer.id, answer);
      write(place, { files: [...draftOf(place).peek().files, { id: answer.id, attachment: answer, at, key }].sort((a, b) => a.at - b.at) });
      release(key);
    } else {
      requests.delete(key);
      update(key, { failed: answer?.code ?? 'internal' });
    }
  };
  request.onerror = () => {
    requests.delete(key);
    update(key, { failed: 'offline' });
  };
  request.send(file);
};

export const again = ({ key }: Upload): void => {
  update(key, { progress: 0, failed: undefined });
  begin(key);
};

/** Takes a file out again that is not uploaded. */
export const drop = (key: string): void => {
  requests.get(key)?.abort();
  release(key);
};

/** Takes a file out again. Those that no message took, the server forgets. */
export const takeOut = (place: string, id: string): void =>
  write(place, {
    files: draftOf(place)
      .peek()
      .files.filter((file) => file.id !== id),
  });

/** The files of a message that was refused, to go with the next. */
export const putBack = (place: string, ids: string[]): void => {
  const files: Ready[] = ids.map((id) => ({ id, attachment: known.get(id), at: now() }));
  write(place, { files: [...draftOf(place).peek().files, ...files] });
};
