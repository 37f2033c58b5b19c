import type { Attachment } from 'confab-client';
import { useState } from 'preact/hooks';
import { Dialog } from '../parts/Dialog';
import { FileName } from '../parts/FileName';
import { Icon } from '../parts/Icon';
import { named } from '../parts/named';
import { base } from '../state/base';
import { sizeOf, t } from '../state/text';

const maxWidth = 400;
const maxHeight = 300;

const urlOf = ({ id, name }: Attachment): string => `${base}/api/files/${id}/${encodeURIComponent(name)}`;

/** What came with a message: pictures to look at, sound and films to play, and everything else as a card. */
export const Attachments = ({ attachments }: { attachments: Attachment[] }) => {
  const [shown, setShown] = useState<Attachment | undefined>(undefined);
  return (
    <ul class="attachments">
      {attachments.map((attachment) => (
        <li key={attachment.id}>
          {attachment.width && attachment.height ? (
            <Picture attachment={attachment} width={attachment.width} height={attachment.height} onOpen={() => setShown(attachment)} />
          ) : attachment.type.startsWith('video/') ? (
            <Film attachment={attachment} />
          ) : attachment.type.startsWith('audio/') ? (
            <Sound attachment={attachment} />
          ) : (
            <a class="card" href={urlOf(attachment)} download={attachment.name}>
              <Icon name="file" />
              <span>
                <FileName name={attachment.name} />
                <small>{sizeOf(attachment.size)}</small>
              </span>
            </a>
          )}
        </li>
      ))}
      {shown && (
        <Dialog title={shown.name} size="large" onClose={() => setShown(undefined)}>
          <img class="full" src={urlOf(shown)} alt={shown.name} width={shown.width} height={shown.height} />
          <a href={urlOf(shown)} download={shown.name}>
            {t('file.download', { size: sizeOf(shown.size) })}
          </a>
        </Dialog>
      )}
    </ul>
  );
};

const Sound = ({ attachment }: { attachment: Attachment }) => (
  // biome-ignore lint/a11y/useMediaCaption: what people send has no captions.
  <audio controls preload="none" src={urlOf(attachment)} aria-label={attachment.name} title={attachment.name} />
);

// By its first bytes nobody knows whether what plays has a picture, too.
const Film = ({ attachment }: { attachment: Attachment }) => {
  const [isSound, setSound] = useState(false);
  if (isSound) return <Sound attachment={attachment} />;
  return (
    // biome-ignore lint/a11y/useMediaCaption: what people send has no captions.
    <video
      class="film"
      controls
      preload="metadata"
      src={urlOf(attachment)}
      aria-label={attachment.name}
      title={attachment.name}
      onLoadedMetadata={({ currentTarget: film }) => setSound(film.videoWidth === 0)}
    />
  );
};

// The space is there before the picture is: nothing jumps.
const Picture = ({ attachment, width, height, onOpen }: { attachment: Attachment; width: number; height: number; onOpen: () => void }) => {
  const scale = Math.min(1, maxWidth / width, maxHeight / height);
  return (
    <button type="button" class="picture" {...named(t('file.show', { name: attachment.name }))} onClick={onOpen}>
      <img
        src={`${base}/api/files/${attachment.id}/thumbnail`}
        alt=""
        loading="lazy"
        decoding="async"
        width={Math.max(1, Math.round(width * scale))}
        height={Math.max(1, Math.round(height * scale))}
      />
    </button>
  );
};
