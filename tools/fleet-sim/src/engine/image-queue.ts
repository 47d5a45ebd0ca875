/** The request queue: images by their index, first in, first out, and what SQS would say of it. */
export class ImageQueue {
  /** Received and neither deleted nor visible again. */
  inFlight = 0;
  #ring = new Int32Array(1024);
  #first = 0;
  #length = 0;
  readonly #lagSeconds: number;
  /** Counts at every second, for those who see them late: `[visible, inFlight]` by second. */
  readonly #history: number[] = [];

  /** @param lagSeconds age of the counts when they are read */
  constructor(lagSeconds: number) {
    this.#lagSeconds = lagSeconds;
  }

  get visible(): number {
    return this.#length;
  }

  /** An image arrives or becomes visible again. */
  add(image: number): void {
    if (this.#length === this.#ring.length) this.#grow();
    this.#ring[(this.#first + this.#length++) & (this.#ring.length - 1)] = image;
  }

  /** Receives the oldest visible image. There must be one. */
  receive(): number {
    const image = this.#ring[this.#first] ?? 0;
    this.#first = (this.#first + 1) & (this.#ring.length - 1);
    this.#length--;
    this.inFlight++;
    return image;
  }

  /** To be called once for every second of the run, in order. */
  sample(): void {
    this.#history.push(this.#length, this.inFlight);
  }

  /** What SQS answers at this time, of a time some seconds ago. */
  counts(now: number): { visible: number; inFlight: number } {
    if (this.#lagSeconds === 0) return { visible: this.#length, inFlight: this.inFlight };
    const second = Math.floor(now - this.#lagSeconds);
    if (second < 0) return { visible: 0, inFlight: 0 };
    return {
      visible: this.#history[2 * second] ?? this.#length,
      inFlight: this.#history[2 * second + 1] ?? this.inFlight,
    };
  }

  #grow(): void {
    const larger = new Int32Array(2 * this.#ring.length);
    for (let index = 0; index < this.#length; index++)
      larger[index] = this.#ring[(this.#first + index) & (this.#ring.length - 1)] ?? 0;
    this.#ring = larger;
    this.#first = 0;
  }
}
