import { e2eConfig } from '@labelfleet/end-to-end/e2e-config';

/** Tests of the page in Chromium. */
export default e2eConfig({ testTimeout: 90_000, hookTimeout: 90_000 });
