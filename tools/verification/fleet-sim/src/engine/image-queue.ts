/** What SQS says of a queue. */
export interface QueueCounts {
  /** ApproximateNumberOfMessages, and of those NotVisible. */
  visible: number;
  inFlight: number;
  /** NumberOfMessagesSent, since the beginning. */
  sent: number;
}

const COUNTS = 3;

/** The request queue: images by their index, first in, first out, and what SQS would say of it. */
export class ImageQueue {
  /** Received and neither deleted nor visible again. */
  inFlight = 0;
  #ring = new Int32Array(1024);
  #first = 0;
  #length = 0;
  #sent = 0;
  readonly #lagSeconds: number;
  /** Counts at every second, one after the other, for those who see them late. */
  readonly #history: number[] = [];

  /** @param lagSeconds age of the counts when they are read */
  constructor(lagSeconds: number) {
    this.#lagSeconds = lagSeconds;
  }

  get visible(): number {
    return this.#length;
  }

  arrive(image: number): void {
    this.#sent++;
    this.show(image);
  }

  /** An image is visible, for the first time or again. */
  show(image: number): void {
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
    if (this.#lagSeconds > 0) this.#history.push(this.#length, this.inFlight, this.#sent);
  }

  /** What SQS answers at this time, of a time some seconds ago. */
  counts(now: number): QueueCounts {
    const second = Math.floor(now - this.#lagSeconds);
    if (second < 0) return { visible: 0, inFlight: 0, sent: 0 };
    const [visible, inFlight, sent] = this.#history.slice(COUNTS * second, COUNTS * (second + 1));
    return {
      visible: visible ?? this.#length,
      inFlight: inFlight ?? this.inFlight,
      sent: sent ?? this.#sent,
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
