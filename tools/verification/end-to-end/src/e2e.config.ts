import { e2eConfig } from './e2e-config.ts';

/** Tests of the whole product. */
export default e2eConfig({ testTimeout: 90_000, hookTimeout: 90_000 });
