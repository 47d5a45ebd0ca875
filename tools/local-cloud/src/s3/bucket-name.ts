import { ApiError } from '../api-error.ts';

const NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Forbidden forms, prefixes and suffixes of names with allowed characters. */
const FORBIDDEN = [
  /\.\./,
  /^\d{1,3}(\.\d{1,3}){3}$/, // as an IP address
  /^(xn--|sthree-|amzn-s3-demo-)/,
  /(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/,
];

/**
 * docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 * @throws ApiError InvalidBucketName
 */
export function checkBucketName(name: string): void {
  if (NAME.test(name) && !FORBIDDEN.some((pattern) => pattern.test(name))) return;
  throw new ApiError('InvalidBucketName', 'The specified bucket is not valid.', 400, {
    BucketName: name,
  });
}
