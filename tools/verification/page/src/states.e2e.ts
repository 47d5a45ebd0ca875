import axe from 'axe-core';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { fleetSnapshot } from './testing/answers.ts';
import { hasBrowser, useBrowser } from './testing/browser.ts';
import { STATES } from './testing/states.ts';
import { startStubGateway } from './testing/stub-gateway.ts';

/** To look at every state: SCREENSHOTS=/tmp/page npm run page-test */
const SCREENSHOTS = process.env['SCREENSHOTS'];

const newProfile = useBrowser();

/** The rules of axe that the page breaks, and where. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (window as unknown as { axe: typeof axe }).axe.run(),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
  );
}

const VIEWS = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [320, 1280].map((width) => ({ colorScheme, width })),
);

describe.skipIf(!hasBrowser).each(VIEWS)('$width px, $colorScheme', ({ colorScheme, width }) => {
  test.each(Object.entries(STATES))('axe finds nothing while: %s', async (name, reach) => {
    await using browser = await newProfile({ colorScheme, viewport: { width, height: 800 } });
    await using stub = await startStubGateway();
    stub.fleet = fleetSnapshot();
    const page = await browser.open(stub.url);
    await reach(page, stub);
    if (SCREENSHOTS !== undefined) {
      await mkdir(SCREENSHOTS, { recursive: true });
      const file = `${name.replaceAll(' ', '-')}-${width}-${colorScheme}.png`;
      await page.screenshot({ path: join(SCREENSHOTS, file), fullPage: true });
    }
    expect(await findings(page)).toEqual([]);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    expect(browser.errors.filter((error) => !error.startsWith('Failed to load'))).toEqual([]);
    expect(browser.requests.filter((url) => !isOf(stub.url, url))).toEqual([]);
  });
});

/** True for an address of the gateway, and for bytes that are in the page itself. */
const isOf = (gateway: URL, url: string) =>
  url.startsWith(gateway.href) || /^(data|blob):/.test(url);
