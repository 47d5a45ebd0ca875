import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ApiError } from '../api-error.ts';
import { isMissing } from '../is-missing.ts';
import { partInfo, uploadRecord, type PartInfo, type UploadRecord } from './multipart-upload.ts';
import { completeFile, readInfo } from './object-file.ts';
import type { StoredBody } from './stored-body.ts';
import { compareUtf8 } from './utf8-order.ts';

/** An upload is aborted after a week, so that abandoned uploads do not fill the disk. */
const ABANDONED_AFTER_MS = 7 * 86_400_000;

const RECORD = 'upload.json';
const READ_BYTES = 1_048_576;

/** An upload that has begun and is neither completed nor aborted. */
export interface Upload {
  readonly record: UploadRecord;
  readonly parts: Map<number, PartInfo>;
  /** True if the object of its key was deleted since the upload began. */
  objectDeleted: boolean;
  /** Set while the upload is being completed; settles when that ends. */
  completing: Promise<unknown> | undefined;
}

/**
 * The multipart uploads of all buckets: a folder for each, with what it is in `upload.json` and a file per part,
 * under its number. Everything comes into its folder by a rename, whole or not at all.
 */
export class MultipartUploads {
  readonly #folder: string;
  /** The folder of files that are being written. Each start empties it. */
  readonly #unfinished: string;
  readonly #uploads = new Map<string, Upload>();

  private constructor(folder: string, unfinished: string) {
    this.#folder = folder;
    this.#unfinished = unfinished;
  }

  /** @param isOver true if the object of an upload was stored or its bucket does not exist; the upload is then dropped */
  static async open(
    folders: { multipart: string; unfinished: string },
    isOver: (record: UploadRecord) => boolean,
  ): Promise<MultipartUploads> {
    await mkdir(folders.multipart, { recursive: true, mode: 0o700 });
    const uploads = new MultipartUploads(folders.multipart, folders.unfinished);
    for (const id of await readdir(folders.multipart)) {
      const upload = await readUpload(join(folders.multipart, id));
      if (upload === undefined || isOver(upload.record)) await uploads.#removeFolder(id);
      else uploads.#uploads.set(id, upload);
    }
    await uploads.#abortAbandoned();
    return uploads;
  }

  async create(record: Omit<UploadRecord, 'id' | 'initiatedMs'>): Promise<UploadRecord> {
    await this.#abortAbandoned();
    // Sorted by name, so that uploads of a key are listed in the order in which they began.
    const initiatedMs = Date.now();
    const id = `${initiatedMs.toString(36).padStart(9, '0')}${randomBytes(24).toString('hex')}`;
    const created = { ...record, id, initiatedMs };
    const beginning = join(this.#unfinished, id);
    await mkdir(beginning, { mode: 0o700 });
    await writeFile(join(beginning, RECORD), JSON.stringify(created), { mode: 0o600 });
    await rename(beginning, join(this.#folder, id));
    this.#uploads.set(id, {
      record: created,
      parts: new Map(),
      objectDeleted: false,
      completing: undefined,
    });
    return created;
  }

  /** @throws ApiError NoSuchUpload, also for an upload of another key */
  get(of: { bucket: string; key: string }, id: string): Upload {
    const upload = this.#uploads.get(id);
    if (upload?.record.bucket === of.bucket && upload.record.key === of.key) return upload;
    throw noSuchUpload(id);
  }

  /** Sorted by key, and then by the time at which they began. */
  of(bucket: string): readonly UploadRecord[] {
    return [...this.#uploads.values()]
      .map(({ record }) => record)
      .filter((record) => record.bucket === bucket)
      .sort((a, b) => compareUtf8(a.key, b.key) || compareUtf8(a.id, b.id));
  }

  /** Stores a body as a part of the upload, and replaces a part with the same number. */
  async addPart({ record, parts }: Upload, number: number, body: StoredBody): Promise<PartInfo> {
    const { size, digests } = body;
    const part = { number, size, digests, lastModifiedMs: Date.now() };
    await completeFile(body, part);
    try {
      await rename(body.path, this.#pathOf(record, number));
    } catch (error) {
      // The upload was completed or aborted while the part arrived.
      if (isMissing(error) && !this.#uploads.has(record.id)) throw noSuchUpload(record.id);
      throw error;
    }
    parts.set(number, part);
    return part;
  }

  /** Reads the bytes of these parts in order. */
  async *read({ record }: Upload, parts: readonly PartInfo[]): AsyncGenerator<Buffer> {
    for (const { number, size } of parts) {
      if (size === 0) continue;
      const options = { end: size - 1, highWaterMark: READ_BYTES };
      yield* createReadStream(this.#pathOf(record, number), options) as AsyncIterable<Buffer>;
    }
  }

  async remove({ record: { id } }: Upload): Promise<void> {
    this.#uploads.delete(id);
    await this.#removeFolder(id);
  }

  /** Aborts the uploads of a bucket that is deleted. */
  async removeAll(bucket: string): Promise<void> {
    for (const upload of this.#uploads.values()) {
      if (upload.record.bucket === bucket) await this.remove(upload);
    }
  }

  /** Records that an object was deleted, which makes conditional completions of its key fail. */
  objectDeleted(bucket: string, key: string): void {
    for (const upload of this.#uploads.values()) {
      if (upload.record.bucket === bucket && upload.record.key === key) upload.objectDeleted = true;
    }
  }

  async #abortAbandoned(): Promise<void> {
    const before = Date.now() - ABANDONED_AFTER_MS;
    for (const upload of this.#uploads.values()) {
      if (upload.record.initiatedMs < before && upload.completing === undefined) {
        await this.remove(upload);
      }
    }
  }

  /** The rename removes the upload. If a crash follows, the next start deletes the renamed folder. */
  async #removeFolder(id: string): Promise<void> {
    const leaving = join(this.#unfinished, `${id}-over`);
    await rename(join(this.#folder, id), leaving);
    await rm(leaving, { recursive: true, force: true });
  }

  #pathOf({ id }: UploadRecord, part: number): string {
    return join(this.#folder, id, String(part));
  }
}

/** Undefined if the folder is not an upload. */
async function readUpload(folder: string): Promise<Upload | undefined> {
  try {
    const record = uploadRecord.parse(JSON.parse(await readFile(join(folder, RECORD), 'utf8')));
    const parts = new Map<number, PartInfo>();
    for (const file of await readdir(folder)) {
      if (file === RECORD) continue;
      const part = await readInfo(join(folder, file), partInfo);
      if (part !== null) parts.set(part.number, part);
    }
    return { record, parts, objectDeleted: false, completing: undefined };
  } catch {
    return undefined;
  }
}

export function noSuchUpload(id: string): ApiError {
  return new ApiError(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    404,
    { UploadId: id },
  );
}
