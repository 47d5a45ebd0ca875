import type { MetadataService } from '@aws-sdk/ec2-metadata-service';
import { AwsCallError, httpStatus } from '../errors.ts';
import type { InstanceMetadata } from './instance-metadata.ts';

const ROOT = '/latest/meta-data';

/** Reads instance metadata with IMDSv2. Caches the session token until the service rejects it. */
export class ImdsInstanceMetadata implements InstanceMetadata {
  readonly #service: Pick<MetadataService, 'fetchMetadataToken' | 'request'>;
  #token: Promise<string> | undefined;

  constructor(service: Pick<MetadataService, 'fetchMetadataToken' | 'request'>) {
    this.#service = service;
  }

  async instanceId(): Promise<string> {
    return this.#read(`${ROOT}/instance-id`);
  }

  async machine(): Promise<{ type: string; market: 'on-demand' | 'spot' }> {
    const [type, lifeCycle] = await Promise.all([
      this.#read(`${ROOT}/instance-type`),
      this.#read(`${ROOT}/instance-life-cycle`),
    ]);
    return { type, market: lifeCycle === 'spot' ? 'spot' : 'on-demand' };
  }

  async tags(): Promise<Record<string, string>> {
    const listed = (await this.#read(`${ROOT}/tags/instance`)).split('\n').filter(Boolean);
    // Each tag is a read, and nobody needs those that AWS sets.
    const keys = listed.filter((key) => !key.startsWith('aws:'));
    const tags = await Promise.all(
      keys.map(async (key) => {
        const value = await this.#readOrNull(`${ROOT}/tags/instance/${key}`);
        // Null: the tag was deleted after the keys were listed.
        return value === null ? [] : [[key, value] as const];
      }),
    );
    return Object.fromEntries(tags.flat());
  }

  async spotInterruption(): Promise<{ action: string; at: Date } | null> {
    const path = `${ROOT}/spot/instance-action`;
    const notice = await this.#readOrNull(path);
    return notice === null ? null : parseNotice(path, notice);
  }

  async #readOrNull(path: string): Promise<string | null> {
    try {
      return await this.#read(path);
    } catch (error) {
      if (error instanceof AwsCallError && error.statusCode === 404) return null;
      throw error;
    }
  }

  async #read(path: string): Promise<string> {
    try {
      return await this.#request(path);
    } catch (error) {
      if (!(error instanceof AwsCallError) || error.statusCode !== 401) throw error;
      // The token has expired, or the service was restarted.
      this.#token = undefined;
      return this.#request(path);
    }
  }

  async #request(path: string): Promise<string> {
    try {
      const token = await (this.#token ??= this.#service.fetchMetadataToken());
      return await this.#service.request(path, {
        method: 'GET',
        // The SDK creates an agent for each request, so a kept-alive connection would never be reused.
        headers: { 'x-aws-ec2-metadata-token': token, connection: 'close' },
      });
    } catch (error) {
      const statusCode = httpStatus(error);
      if (statusCode === undefined) this.#token = undefined;
      throw new AwsCallError(`GetMetadata ${path}`, {
        code: statusCode === undefined ? 'NoAnswer' : `Http${statusCode}`,
        message: error instanceof Error ? error.message : String(error),
        statusCode,
        cause: error,
      });
    }
  }
}

function parseNotice(path: string, text: string): { action: string; at: Date } {
  const notice: unknown = JSON.parse(text);
  if (
    typeof notice === 'object' &&
    notice !== null &&
    'action' in notice &&
    typeof notice.action === 'string' &&
    'time' in notice &&
    typeof notice.time === 'string'
  )
    return { action: notice.action, at: new Date(notice.time) };
  throw new AwsCallError(`GetMetadata ${path}`, {
    code: 'Unknown',
    message: `not a Spot interruption notice: ${text}`,
  });
}
