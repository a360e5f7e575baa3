import { useState } from 'preact/hooks';

interface RemoteImageProps {
  /** Address with http or https. */
  readonly url: string;
  readonly alt: string;
}

/**
 * An image of another host, requested only when the reader asks for it: its host would see who reads which answer, and a model that was
 * talked into it can write what it knows into an address.
 */
export function RemoteImage({ url, alt }: RemoteImageProps) {
  const [isWanted, setWanted] = useState(false);
  if (isWanted)
    return (
      <img
        src={url}
        alt={alt === '' ? 'Image of the answer' : alt}
        referrerpolicy="no-referrer"
        loading="lazy"
      />
    );
  return (
    <button type="button" class="remote-image" onClick={() => setWanted(true)} title={url}>
      {alt === '' ? 'Image' : `Image “${alt}”`}: load it from {new URL(url).host}
    </button>
  );
}
