/** Where and as whom to call. What is absent comes from the SDK's own variables and chain. */
export interface Connection {
  region: string;
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}
