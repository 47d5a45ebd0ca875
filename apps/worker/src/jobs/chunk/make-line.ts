import {
  labelFrom,
  makeProblem,
  type Calibration,
  type JobLine,
  type ModelIdentity,
  type PageImage,
  type ProblemCode,
  type StoredJob,
} from '@labelfleet/contracts';
import type { BadImage, Classified } from '@labelfleet/inference';
import { lowestScoreFor, problemOfBadImage, uncalibrated } from '../../request/judge-outcome.ts';

/** An image that can be fetched: not a line of the manifest that names none. */
export type ListedImage = Extract<PageImage, { key: string }>;

export interface ImageProblem {
  code: ProblemCode;
  detail: string;
}

/** Makes the lines of a chunk's part. */
export class LineMaker {
  readonly #job: StoredJob;
  readonly #model: ModelIdentity;
  readonly #lowestScore: number | undefined;

  constructor(job: StoredJob, model: ModelIdentity, calibration: Calibration | undefined) {
    this.#job = job;
    this.#model = model;
    this.#lowestScore = lowestScoreFor(job, calibration);
  }

  bucketOf({ bucket }: ListedImage): string {
    return bucket ?? this.#job.source.bucket;
  }

  /** `s3://bucket/key` */
  referenceOf(image: ListedImage): string {
    return `s3://${this.bucketOf(image)}/${image.key}`;
  }

  classified(image: ListedImage, outcome: Classified | BadImage): JobLine {
    if (outcome.kind === 'bad-image') return this.failed(image, problemOfBadImage(outcome));
    if (this.#lowestScore === undefined) return this.failed(image, uncalibrated(this.#model));
    const { predictions } = outcome;
    const [best] = predictions;
    if (best === undefined) throw new Error('The classifier returned no prediction.');
    return {
      ...this.#nameOf(image),
      status: 'succeeded',
      ...labelFrom(best, this.#lowestScore),
      score: best.score,
      ...(this.#job.topK > 1 && { predictions }),
    };
  }

  failed(image: ListedImage, { code, detail }: ImageProblem): JobLine {
    const problem = makeProblem(code, this.#job.id, detail);
    return { ...this.#nameOf(image), status: 'failed', problem };
  }

  #nameOf(image: ListedImage): { image: string; id?: string } {
    return { image: this.referenceOf(image), ...(image.id !== undefined && { id: image.id }) };
  }
}
