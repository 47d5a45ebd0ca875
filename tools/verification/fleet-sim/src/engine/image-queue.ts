/** SQS's counts of a queue. */
export interface QueueCounts {
  /** ApproximateNumberOfMessages and ApproximateNumberOfMessagesNotVisible. */
  visible: number;
  inFlight: number;
  /** NumberOfMessagesSent since the run began. */
  sent: number;
}

/** The request queue: indices of images, first in, first out, with the counts that SQS would return. */
export class ImageQueue {
  /** Images that are received and not deleted. */
  inFlight = 0;
  /** Visible images from `#first` on. */
  #images: number[] = [];
  #first = 0;
  #sent = 0;
  readonly #lagSeconds: number;
  /** The counts of every second, for delayed reads. */
  readonly #history: QueueCounts[] = [];

  /** @param lagSeconds age of the counts when they are read */
  constructor(lagSeconds: number) {
    this.#lagSeconds = lagSeconds;
  }

  get visible(): number {
    return this.#images.length - this.#first;
  }

  arrive(image: number): void {
    this.#sent++;
    this.show(image);
  }

  /** Makes an image visible, for the first time or again. */
  show(image: number): void {
    this.#images.push(image);
  }

  /** Receives the oldest visible image. One must be visible. */
  receive(): number {
    const image = this.#images[this.#first++] ?? 0;
    this.inFlight++;
    if (this.visible === 0) {
      this.#images = [];
      this.#first = 0;
    }
    return image;
  }

  /** Records the counts. Call it once for every second of the run, in order. */
  sample(): void {
    if (this.#lagSeconds > 0) this.#history.push(this.#current());
  }

  /** The counts that SQS returns now, which are `lagSeconds` old. */
  counts(now: number): QueueCounts {
    const second = Math.floor(now - this.#lagSeconds);
    if (second < 0) return { visible: 0, inFlight: 0, sent: 0 };
    return this.#history[second] ?? this.#current();
  }

  #current(): QueueCounts {
    return { visible: this.visible, inFlight: this.inFlight, sent: this.#sent };
  }
}
