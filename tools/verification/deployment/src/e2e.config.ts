import { e2eConfig } from '@labelfleet/end-to-end/e2e-config';

/** Tests of what an instance is made of. They share `dist`. */
export default e2eConfig({ testTimeout: 180_000, hookTimeout: 600_000 });
