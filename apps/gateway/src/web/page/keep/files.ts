import type { KeptRecord, Keep } from './keep.ts';
import type { Row, State } from '../state/state.ts';

/** The images of the rows, and what the browser keeps of them. */
export class Files {
  readonly #files = new Map<string, File>();
  readonly #thumbnails = new Map<string, Blob>();
  readonly #places = new Map<string, Pick<KeptRecord, 'order' | 'at'>>();
  readonly #keep: Keep;
  readonly #list: string;
  readonly #onFailure: () => void;
  #writing = 0;

  /** @param onFailure is called when the browser cannot keep a row, as on a full disk */
  constructor(keep: Keep, list: string, onFailure: () => void) {
    this.#keep = keep;
    this.#list = list;
    this.#onFailure = onFailure;
  }

  add(id: string, file: File): void {
    this.#files.set(id, file);
  }

  restore({ id, file, thumbnail, order, at }: KeptRecord): void {
    if (file) this.#files.set(id, file);
    if (thumbnail) this.#thumbnails.set(id, thumbnail);
    this.#places.set(id, { order, at });
  }

  /** True while a tab that is closed would lose images. */
  get isWriting(): boolean {
    return this.#writing > 0;
  }

  get(id: string): File | undefined {
    return this.#files.get(id);
  }

  addThumbnail(id: string, thumbnail: Blob): void {
    this.#thumbnails.set(id, thumbnail);
  }

  /** Keeps what has changed between two states. */
  follow({ rows }: State, before: State): void {
    if (rows === before.rows) return;
    const old = new Map(before.rows.map((row) => [row.id, row]));
    rows.forEach((row, index) => {
      const was = old.get(row.id);
      old.delete(row.id);
      if (row !== was && (was === undefined || PARTS.some((part) => row[part] !== was[part])))
        this.#put(row, index);
    });
    if (old.size > 0) {
      this.#keep.remove([...old.keys()]).catch(this.#onFailure);
      for (const row of old.values()) this.#forget(row);
    }
  }

  #forget({ id, thumbnail }: Row): void {
    this.#files.delete(id);
    this.#thumbnails.delete(id);
    this.#places.delete(id);
    if (thumbnail !== undefined) URL.revokeObjectURL(thumbnail);
  }

  #put(row: Row, index: number): void {
    const { id, key, name, size, requestId, batchId, failure } = row;
    // Rows of somebody's link are read from the gateway.
    if (key === '') return;
    const place = this.#places.get(id) ?? { order: index, at: Date.now() };
    this.#places.set(id, place);
    const file = this.#files.get(id);
    const thumbnail = this.#thumbnails.get(id);
    const record: KeptRecord = {
      ...{ id, key, name, size, list: this.#list, ...place },
      ...(requestId !== undefined && { requestId }),
      // What the gateway did not gather is gathered again after a reload.
      ...(batchId && { batchId }),
      ...(failure !== undefined && { failure }),
      ...(requestId === undefined && file !== undefined && { file }),
      ...(thumbnail !== undefined && { thumbnail }),
    };
    this.#writing += 1;
    this.#keep
      .put(record)
      .catch(this.#onFailure)
      .finally(() => (this.#writing -= 1));
  }
}

/** A change of one of these is kept. */
const PARTS = ['key', 'requestId', 'batchId', 'failure', 'thumbnail'] as const;
