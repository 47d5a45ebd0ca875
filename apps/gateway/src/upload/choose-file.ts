import { identifyImage } from '@labelfleet/contracts/image-file';
import { refuse, type Refusal } from '../http/problem.ts';
import type { FilePart } from './form-parts.ts';

export interface FormFile extends FilePart {
  bytes(): Uint8Array;
}

/**
 * Finds the one image among the files of a form. An empty file input, for which browsers send no name and no bytes,
 * is no file. Of several files the one that is an image, by its bytes or its declared type, is chosen, because a
 * description may be a file too, such as a JSON Blob. Two images are refused, so that none is silently ignored.
 * @param fields the names of the parts that are no files
 */
export function chooseFile<T extends FormFile>(
  parts: readonly T[],
  fields: readonly string[],
): T | Refusal {
  const files = parts.filter((file) => file.fileName !== undefined || file.bytes().length > 0);
  const [first] = files;
  if (first === undefined) {
    return refuse(
      'missing-image',
      parts.length > 0
        ? `No file was chosen: ${inFields(parts)} sent no bytes. Choose an image.`
        : `The multipart form has no file part${fields.length > 0 ? `, only ${inFields(fields.map((field) => ({ field })))}` : ''}. Send the image as a part with a file name.`,
    );
  }
  if (files.length === 1) return first;
  const images = files.filter(seemsImage);
  const [image] = images;
  if (image === undefined) {
    return refuse(
      'unsupported-media-type',
      `None of the ${files.length} files in the form is an image: ${inFields(files)}. Send one JPEG, PNG, WebP, GIF, AVIF or TIFF image.`,
    );
  }
  return images.length === 1
    ? image
    : refuse(
        'invalid-parameter',
        `The form has ${images.length} images: ${inFields(images)}. Send one request per image.`,
      );
}

function seemsImage(file: FormFile): boolean {
  if (file.type.startsWith('image/')) return true;
  const found = identifyImage(file.bytes());
  return found.kind === 'image' || found.isImage;
}

/** An error text lists at most this many fields. */
const MAX_NAMES = 5;

function inFields(parts: readonly { field: string | undefined }[]): string {
  const names = parts
    .slice(0, MAX_NAMES)
    .map(({ field }) => JSON.stringify((field ?? '').slice(0, 50)));
  const more = parts.length > names.length ? ' and others' : '';
  return `${parts.length === 1 ? 'the field' : 'the fields'} ${names.join(', ')}${more}`;
}
