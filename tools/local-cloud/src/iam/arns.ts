/** The only account. */
const ACCOUNT = '000000000000';

export const queueArn = (region: string, name: string) =>
  `arn:aws:sqs:${region}:${ACCOUNT}:${name}`;
export const bucketArn = (bucket: string) => `arn:aws:s3:::${bucket}`;
export const objectArn = (bucket: string, key: string) => `arn:aws:s3:::${bucket}/${key}`;
/** @param resource such as `instance/i-1` */
export const ec2Arn = (region: string, resource: string) =>
  `arn:aws:ec2:${region}:${ACCOUNT}:${resource}`;
/** Images belong to no account here, as those of AWS. */
export const imageArn = (region: string, id: string) => `arn:aws:ec2:${region}::image/${id}`;
export const profileArn = (name: string) => `arn:aws:iam::${ACCOUNT}:instance-profile/${name}`;
export const roleArn = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
export const userArn = (name: string) => `arn:aws:iam::${ACCOUNT}:user/${name}`;
