import type { ModelDescription } from '@labelfleet/contracts';

import type { ModelDir } from './model-dir.ts';

/** What a model knows, from its manifest and its labels. */
export function describeModel({
  manifest: { name, version, sha256, accuracy, calibration },
  labels,
}: Pick<ModelDir, 'manifest' | 'labels'>): ModelDescription {
  return {
    ...{ v: 1, name, version, sha256, labels },
    ...(accuracy !== undefined && { accuracy }),
    ...(calibration !== undefined && { calibration }),
  };
}
