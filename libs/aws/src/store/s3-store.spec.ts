import { startTestCloud } from '../testing/start-test-cloud.ts';
import { storeContract } from '../testing/store-contract.ts';

storeContract(async () => {
  const cloud = await startTestCloud();
  await cloud.createBucket('contract');
  return {
    store: cloud.s3.store('contract'),
    missing: cloud.s3.store('missing'),
    [Symbol.asyncDispose]: () => cloud[Symbol.asyncDispose](),
  };
});
