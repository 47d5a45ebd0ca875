/** Pages of AWS's documentation. */
const SQS = 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest';
const S3 = 'https://docs.aws.amazon.com/AmazonS3/latest';
const EC2 = 'https://docs.aws.amazon.com/AWSEC2/latest';

export const sqsApi = (action: string) => `${SQS}/APIReference/API_${action}.html`;
export const sqsGuide = (page: string) => `${SQS}/SQSDeveloperGuide/${page}.html`;
export const s3Api = (page: string) => `${S3}/API/${page}.html`;
export const s3Guide = (page: string) => `${S3}/userguide/${page}.html`;
export const ec2Api = (action: string) => `${EC2}/APIReference/API_${action}.html`;
export const ec2Guide = (page: string) => `${EC2}/UserGuide/${page}.html`;
export const iamGuide = (page: string) =>
  `https://docs.aws.amazon.com/IAM/latest/UserGuide/${page}.html`;
export const ec2DevGuide = (page: string) =>
  `https://docs.aws.amazon.com/ec2/latest/devguide/${page}.html`;
