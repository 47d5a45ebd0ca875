/** SQS's counts of a queue. */
export interface QueueCounts {
  /** ApproximateNumberOfMessages and ApproximateNumberOfMessagesNotVisible. */
  visible: number;
  inFlight: number;
  /** NumberOfMessagesSent since the run began. */
  sent: number;
}

const COUNTS = 3;

/** The request queue: indices of images, first in, first out, with the counts that SQS would return. */
export class ImageQueue {
  /** Images that are received and not deleted. */
  inFlight = 0;
  #ring = new Int32Array(1024);
  #first = 0;
  #length = 0;
  #sent = 0;
  readonly #lagSeconds: number;
  /** The counts of every second, for delayed reads. */
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

  /** Makes an image visible, for the first time or again. */
  show(image: number): void {
    if (this.#length === this.#ring.length) this.#grow();
    this.#ring[(this.#first + this.#length++) & (this.#ring.length - 1)] = image;
  }

  /** Receives the oldest visible image. One must be visible. */
  receive(): number {
    const image = this.#ring[this.#first] ?? 0;
    this.#first = (this.#first + 1) & (this.#ring.length - 1);
    this.#length--;
    this.inFlight++;
    return image;
  }

  /** Records the counts. Call it once for every second of the run, in order. */
  sample(): void {
    if (this.#lagSeconds > 0) this.#history.push(this.#length, this.inFlight, this.#sent);
  }

  /** The counts that SQS returns now, which are `lagSeconds` old. */
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
