import { MetadataService } from '@aws-sdk/ec2-metadata-service';
import { ImdsInstanceMetadata } from './imds-instance-metadata.ts';
import type { InstanceMetadata } from './instance-metadata.ts';

const TOKEN_SECONDS = 6 * 60 * 60;

/**
 * Connects to the metadata service of the instance that this process runs on.
 * @param options.endpoint defaults to the SDK's own variable, AWS_EC2_METADATA_SERVICE_ENDPOINT, then to the
 * link-local address
 */
export function connectInstanceMetadata(options: { endpoint?: string } = {}): InstanceMetadata {
  const service = new MetadataService({
    ...options,
    httpOptions: { timeout: 1_000 },
    retries: 1,
    backoff: 0.1,
    tokenTtl: TOKEN_SECONDS,
    // The SDK would fetch a new token for each request; ImdsInstanceMetadata caches one instead.
    disableFetchToken: true,
    ec2MetadataV1Disabled: false,
  });
  return new ImdsInstanceMetadata(service);
}
