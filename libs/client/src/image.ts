export type ImageBytes = Blob | Uint8Array<ArrayBuffer>;

/** An image with what belongs to it. */
export interface NamedImage {
  /** A function is called when the image is sent, so that not all images are in memory. */
  data: ImageBytes | (() => Promise<ImageBytes>);
  fileName?: string | undefined;
  /** Default: a random one. With the same key, a later call gets the result of this one. */
  idempotencyKey?: string | undefined;
}

/** Bytes, or a reference into a bucket that the operator allows. */
export type Image = ImageBytes | NamedImage | `s3://${string}`;

/** How an image is sent. */
export interface ImageBody {
  body: Blob | FormData | string;
  headers: Record<string, string>;
}

/** Reads the image's bytes, if it has any, and encodes it. @throws what reading them throws */
export async function encodeImage(image: Image): Promise<ImageBody> {
  if (typeof image === 'string') {
    const headers = { 'content-type': 'application/json' };
    return { body: JSON.stringify({ image }), headers };
  }
  const { data, fileName } = isBytes(image) ? { data: image, fileName: nameOf(image) } : image;
  const given = typeof data === 'function' ? await data() : data;
  // Read now, because fetch would report an unreadable file as a broken connection.
  const bytes = given instanceof Blob ? await given.arrayBuffer() : given;
  const type = given instanceof Blob && given.type !== '' ? given.type : 'application/octet-stream';
  const blob = new Blob([bytes], { type });
  const name = fileName ?? nameOf(given);
  if (name === undefined) return { body: blob, headers: { 'content-type': type } };
  const form = new FormData();
  form.append('image', blob, name);
  // fetch sets the type, with the form's boundary.
  return { body: form, headers: {} };
}

export const idempotencyKeyOf = (image: Image): string =>
  (typeof image === 'object' && 'data' in image ? image.idempotencyKey : undefined) ?? randomKey();

/** 128 random bits. `crypto.randomUUID` exists on secure pages only. */
export const randomKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');

const isBytes = (image: ImageBytes | NamedImage): image is ImageBytes =>
  image instanceof Blob || image instanceof Uint8Array;

const nameOf = (bytes: ImageBytes): string | undefined =>
  bytes instanceof File && bytes.name !== '' ? bytes.name : undefined;
