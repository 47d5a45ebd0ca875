import { openBench } from './bench.ts';

/**
 * Kills a worker right before it sends a webhook message, while another one can take over.
 * @returns the broken rule
 */
export async function killedBeforeWebhook(main: string): Promise<string | undefined> {
  await using bench = await openBench([process.execPath, main]);
  const worker = await bench.launchWorker();
  const send = await bench.hold('webhook', worker, 'before', 'SendMessageBatch', {
    queue: 'labelfleet-webhooks',
  });
  await bench.submit({ notify: 'archive' });
  await send.reached();
  await bench.killWorker(worker);
  await send.lost();
  await bench.launchWorker();
  await bench.untilNothingIsLeft();
  return (await bench.webhookMessages()) === 0
    ? 'no webhook will be sent: the request is on no queue and has no webhook message'
    : undefined;
}
