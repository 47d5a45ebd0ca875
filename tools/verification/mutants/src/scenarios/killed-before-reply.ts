import { openBench } from './bench.ts';

/**
 * Kills a worker right before it replies, while another one can take over.
 * @returns the broken rule
 */
export async function killedBeforeReply(main: string): Promise<string | undefined> {
  await using bench = await openBench([process.execPath, main]);
  const worker = await bench.launchWorker();
  const reply = await bench.hold('reply', worker, 'before', 'SendMessageBatch', {
    queue: 'replies',
  });
  await bench.submit();
  await reply.reached();
  await bench.killWorker(worker);
  await reply.lost();
  await bench.launchWorker();
  await bench.untilNothingIsLeft();
  return (await bench.repliedIds()).size === 0
    ? 'nobody replies: the request is on no queue and has no reply'
    : undefined;
}
