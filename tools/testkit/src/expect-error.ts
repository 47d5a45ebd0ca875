import { expect } from 'vitest';

/** Expects that AWS answers a call with this error, and with this status and message where they are given. */
export async function expectError(
  call: Promise<unknown>,
  name: string,
  status?: number,
  message?: unknown,
): Promise<void> {
  await expect(call).rejects.toMatchObject({
    name,
    ...(status === undefined ? {} : { $metadata: { httpStatusCode: status } }),
    ...(message === undefined ? {} : { message }),
  });
}

/** Expects that AWS answers a call with this status, for errors that have no body and so no name. */
export async function expectStatus(call: Promise<unknown>, status: number): Promise<void> {
  await expect(call).rejects.toMatchObject({ $metadata: { httpStatusCode: status } });
}
