import { fileURLToPath } from 'node:url';

/** The directory of the model that comes with labelfleet: copied beside main.js in a bundle. */
export const embeddedModelDir = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts') ? '../models/everyday-100/1' : './models/everyday-100/1',
    import.meta.url,
  ),
);
