import type { ModelDescription } from '@labelfleet/contracts';

/** ImageNet's classes, which the models of the catalogue know. */
const CATALOGUE_CLASSES = 1000;

/** Which model runs and what it knows. */
export function modelLine({ name, version, labels }: ModelDescription): string {
  const more =
    labels.length < CATALOGUE_CLASSES
      ? `; for ${CATALOGUE_CLASSES.toLocaleString('en')}: npm run model -- pull mobilenet-v2`
      : '';
  return `${name}/${version}: ${labels.length.toLocaleString('en')} things${more}`;
}
