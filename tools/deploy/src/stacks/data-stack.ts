import {
  Duration,
  RemovalPolicy,
  Stack,
  aws_s3 as s3,
  aws_sqs as sqs,
  CfnOutput,
  type App,
} from 'aws-cdk-lib';

import { DATA_VARIABLES, outputName, queueNames, type DataVariable } from '../variables.ts';
import { dataStack } from '../verbs/names.ts';

/** As long as SQS can, so that a fleet can be stopped for some days without losing messages. */
const RETENTION = Duration.days(14);
/** Longer than messages live: an image that is gone cannot be classified. */
const KEEP_IMAGES = Duration.days(21);
const KEEP_JOBS = Duration.days(30);

/**
 * What must survive: buckets and queues. CloudFormation protects the stack, and keeps its resources when the stack
 * goes; `down --data` deletes them.
 */
export class DataStack extends Stack {
  readonly inputBucket: s3.Bucket;
  readonly outputBucket: s3.Bucket;
  readonly stateBucket: s3.Bucket;
  readonly requestQueue: sqs.Queue;
  readonly deadLetterQueue: sqs.Queue;
  readonly fleetEventQueue: sqs.Queue;
  readonly webhookQueue: sqs.Queue;
  readonly webhookDeadLetterQueue: sqs.Queue;
  readonly batchQueue: sqs.Queue;
  readonly batchDeadLetterQueue: sqs.Queue;

  constructor(app: App, fleet: string) {
    super(app, dataStack(fleet), { terminationProtection: true });
    this.inputBucket = this.#bucket('Input', [{ expiration: KEEP_IMAGES }]);
    this.outputBucket = this.#bucket('Output', [
      { expiration: Duration.days(90) },
      { prefix: 'jobs/', expiration: KEEP_JOBS },
    ]);
    // The lease and the snapshot, in `fleet/`, stay.
    this.stateBucket = this.#bucket('State', [
      { prefix: 'idempotency/', expiration: Duration.days(2) },
      { prefix: 'usage/', expiration: Duration.days(2) },
      { prefix: 'attempts/', expiration: KEEP_IMAGES },
      { prefix: 'batches/', expiration: KEEP_IMAGES },
      { prefix: 'webhooks/', expiration: Duration.days(15) },
      { prefix: 'jobs/', expiration: KEEP_JOBS },
      { prefix: 'job-lists/', expiration: KEEP_JOBS },
    ]);

    const names = queueNames(fleet);
    this.deadLetterQueue = this.#queue(names.deadLetters, { retentionPeriod: RETENTION });
    this.requestQueue = this.#workQueue(names.requests, this.deadLetterQueue);
    this.batchDeadLetterQueue = this.#queue(names.batchDeadLetters, { retentionPeriod: RETENTION });
    this.batchQueue = this.#workQueue(names.batch, this.batchDeadLetterQueue);
    // A report replaces those before it: old ones only delay a scaler that was away.
    this.fleetEventQueue = this.#queue(names.fleetEvents, {
      retentionPeriod: Duration.minutes(15),
    });
    this.webhookDeadLetterQueue = this.#queue(names.webhookDeadLetters, {
      retentionPeriod: RETENTION,
    });
    this.webhookQueue = this.#queue(names.webhooks, {
      retentionPeriod: RETENTION,
      // A receiver may be away for a day, and each try counts.
      deadLetterQueue: { queue: this.webhookDeadLetterQueue, maxReceiveCount: 1000 },
    });

    for (const variable of DATA_VARIABLES) {
      new CfnOutput(this, outputName(variable), { value: this.variables[variable] });
    }
  }

  get variables(): Record<DataVariable, string> {
    return {
      REQUEST_QUEUE_URL: this.requestQueue.queueUrl,
      DEAD_LETTER_QUEUE_URL: this.deadLetterQueue.queueUrl,
      FLEET_EVENT_QUEUE_URL: this.fleetEventQueue.queueUrl,
      WEBHOOK_QUEUE_URL: this.webhookQueue.queueUrl,
      WEBHOOK_DEAD_LETTER_QUEUE_URL: this.webhookDeadLetterQueue.queueUrl,
      BATCH_QUEUE_URL: this.batchQueue.queueUrl,
      BATCH_DEAD_LETTER_QUEUE_URL: this.batchDeadLetterQueue.queueUrl,
      INPUT_BUCKET: this.inputBucket.bucketName,
      OUTPUT_BUCKET: this.outputBucket.bucketName,
      STATE_BUCKET: this.stateBucket.bucketName,
    };
  }

  /** Not versioned: the lease alone would have 864,000 versions a month. */
  #bucket(id: string, lifecycleRules: s3.LifecycleRule[]): s3.Bucket {
    return new s3.Bucket(this, id, {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      encryption: s3.BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      lifecycleRules: [
        ...lifecycleRules,
        { abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  /** A queue whose messages workers receive. */
  #workQueue(queueName: string, deadLetters: sqs.Queue): sqs.Queue {
    return this.#queue(queueName, {
      retentionPeriod: RETENTION,
      visibilityTimeout: Duration.seconds(30),
      // Released messages and aborted polls count as receives, too.
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: 50 },
    });
  }

  #queue(queueName: string, settings: sqs.QueueProps): sqs.Queue {
    return new sqs.Queue(this, queueName, {
      queueName,
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
      ...settings,
    });
  }
}
